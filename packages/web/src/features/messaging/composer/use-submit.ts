import { type Attachment, NetworkError, type Pending } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { explainError } from '../../../app/error-words.ts'
import { useUser } from '../../../app/session.ts'
import { takeMessage } from '../message-changes.ts'
import { type Composition, setComposition } from './composition.ts'

interface SubmitOptions {
  conversationId: string
  /** Where draft and composition are kept. */
  place: string
  about: Composition | null
  /** Of the panel of a thread: everything said there answers it. */
  thread: Pick<Pending, 'replyTo' | 'threadId'> | undefined
}

/** Sends what was written, or saves it over the message that is edited. `submit` answers whether the field is done. */
export function useSubmit({ conversationId, place, about, thread }: SubmitOptions) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const me = useUser()
  const [isSaving, setSaving] = useState(false)
  const [failure, setFailure] = useState<string>()

  const submit = async (text: string, attachments: readonly Attachment[]): Promise<boolean> => {
    setFailure(undefined)
    if (about?.kind !== 'edit') {
      const quote = about?.kind === 'reply' ? { replyTo: about.quote } : {}
      client.outbox.send(conversationId, text, { format: 'markdown', ...thread, ...quote, attachments })
      setComposition(me.id, place, null)
      return true
    }
    if (text === about.before) return true
    setSaving(true)
    try {
      takeMessage(cache, await client.messages.edit(about.id, text), me.id)
      return true
    } catch (error) {
      setFailure(error instanceof NetworkError ? t('chat.editOffline') : explainError(error, t))
      return false
    } finally {
      setSaving(false)
    }
  }
  return { submit, isSaving, failure, forget: () => setFailure(undefined) }
}

import { Button, Group, Text, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { CopyButton } from '../../app/copy-button.tsx'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './doctor.module.css'
import { asText, type Said } from './say.ts'

const longestDetail = 300
const longestComment = 500

/** To the clipboard, which works also where the server does not, or to whoever looks after the server. */
export function SendReport({ found }: { found: readonly Said[] }) {
  const { t } = useTranslation()
  const [comment, setComment] = useState('')
  const [state, setState] = useState<'open' | 'sending' | 'sent'>('open')
  const [failure, setFailure] = useState<unknown>()
  const [at] = useState(() => new Date())

  const send = async () => {
    setState('sending')
    setFailure(undefined)
    const findings = found.map(({ id, detail }) => ({ id, detail: detail.slice(0, longestDetail) }))
    try {
      await client.api.POST('/api/v1/doctor/report', { body: { findings, ...(comment.trim() ? { comment } : {}) } })
      setState('sent')
      announce(t('doctor.sent'))
    } catch (error) {
      setFailure(error)
      setState('open')
    }
  }

  return (
    <section className={classes.tell}>
      <Title order={2}>{t('doctor.tell')}</Title>
      <Text c="dimmed">{t('doctor.tellText')}</Text>
      {failure !== undefined && <FormAlert kind="error">{explainError(failure, t)}</FormAlert>}
      {state === 'sent' ? (
        <FormAlert kind="notice">{t('doctor.sent')}</FormAlert>
      ) : (
        <Textarea
          label={t('doctor.comment')}
          value={comment}
          maxLength={longestComment}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
      )}
      <Group>
        {state !== 'sent' && (
          <Button loading={state === 'sending'} onClick={() => void send()}>
            {t('doctor.send')}
          </Button>
        )}
        <CopyButton text={asText(found, at)} label={t('doctor.copy')} />
      </Group>
    </section>
  )
}

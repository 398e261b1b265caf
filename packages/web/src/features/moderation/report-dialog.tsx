import type { NewReport } from '@atrium/client'
import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import dialog from '../accounts/identity-dialog.module.css'

const reasons = [
  'spam',
  'harassment',
  'hate',
  'violence',
  'sexual',
  'self_harm',
  'illegal',
  'impersonation',
  'other',
] as const satisfies readonly NewReport['reason'][]

interface ReportDialogProps {
  target: Pick<NewReport, 'target_type' | 'target_id'>
  onClose: () => void
}

/** Tells the moderators of a message, a person or a conversation. */
export function ReportDialog({ target, onClose }: ReportDialogProps) {
  const { t } = useTranslation()
  const [reason, setReason] = useState<NewReport['reason']>('spam')
  const [comment, setComment] = useState('')
  const send = useMutation({
    mutationFn: () =>
      client.api.POST('/api/v1/reports', { body: { ...target, reason, comment: comment.trim() || null } }),
    onSuccess: () => announce(t('report.sent')),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('report.title')}
      classNames={{ content: dialog.content ?? '', header: dialog.content ?? '', title: dialog.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {send.isSuccess ? (
        <Stack>
          <Text>{t('report.sent')}</Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('app.close')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text c="dimmed">{t('report.text')}</Text>
            <NativeSelect
              size="md"
              label={t('report.reason')}
              value={reason}
              onChange={({ currentTarget }) => setReason(currentTarget.value as typeof reason)}
              data={reasons.map((value) => ({ value, label: t(`report.reasons.${value}`) }))}
            />
            <Textarea
              label={t('report.comment')}
              description={t('report.commentHint')}
              maxLength={2000}
              rows={3}
              value={comment}
              onChange={({ currentTarget }) => setComment(currentTarget.value)}
            />
            {send.error && <FormAlert kind="error">{explainError(send.error, t)}</FormAlert>}
            <Group justify="flex-end" mt="xs">
              <Button variant="default" onClick={onClose}>
                {t('app.cancel')}
              </Button>
              <Button type="submit" loading={send.isPending}>
                {t('report.send')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

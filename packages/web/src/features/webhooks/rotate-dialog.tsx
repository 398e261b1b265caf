import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { type IssuedSecret, type Webhook, webhooksQuery } from './queries.ts'

interface RotateDialogProps {
  webhook: Webhook
  onIssued: (issued: IssuedSecret) => void
  onClose: () => void
}

export function RotateDialog({ webhook: { id, name }, onIssued, onClose }: RotateDialogProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [isAtOnce, setAtOnce] = useState(false)
  const rotate = useMutation({
    mutationFn: () =>
      confirm(() =>
        client.api.POST('/api/v1/webhooks/{id}/rotate-secret', {
          params: { path: { id } },
          body: { overlap_hours: isAtOnce ? 0 : 24 },
        }),
      ),
    onSuccess: (issued) => {
      void cache.invalidateQueries(webhooksQuery)
      if (!issued) return
      onClose()
      onIssued(issued)
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('webhooks.rotateTitle', { name })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      radius="lg"
      centered
    >
      <Stack>
        <Text c="dimmed">{t('webhooks.rotateText')}</Text>
        <Checkbox
          label={t('webhooks.rotateNow')}
          checked={isAtOnce}
          onChange={(event) => setAtOnce(event.currentTarget.checked)}
        />
        {rotate.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(rotate.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
            {t('webhooks.rotateAction')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

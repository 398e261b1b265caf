import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../app/copy-button.tsx'
import classes from '../admin/admin.module.css'
import type { IssuedSecret } from './queries.ts'

/** Shown once, so nothing but the person's word closes it. */
export function SecretDialog({ issued, onSaved }: { issued: IssuedSecret; onSaved: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('webhooks.secretTitle', { name: issued.name })}
      radius="lg"
      centered
    >
      <Stack>
        <Text c="dimmed">{t('webhooks.secretText')}</Text>
        <code className={classes.json} data-testid="webhook-secret">
          {issued.secret}
        </code>
        <Group justify="flex-end">
          <CopyButton text={issued.secret} size="md" />
          <Button onClick={onSaved}>{t('webhooks.done')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

import type { IssuedApiKey } from '@atrium/client'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../app/copy-button.tsx'
import identity from '../accounts/identity-dialog.module.css'
import classes from './api-keys.module.css'

/** Shown once, so nothing but the person's word closes it. */
export function IssuedKey({ issued, onSaved }: { issued: IssuedApiKey; onSaved: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('apiKeys.created')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
    >
      <Stack>
        <Text c="dimmed">{t('apiKeys.createdText')}</Text>
        <Text fw={600}>{t('apiKeys.key', { name: issued.name })}</Text>
        <code className={classes.key} data-testid="api-key-secret">
          {issued.key}
        </code>
        <Text c="dimmed" size="sm">
          {t('apiKeys.use')}
        </Text>
        <Group justify="flex-end" mt="xs">
          <CopyButton text={issued.key} size="md" />
          <Button onClick={onSaved}>{t('apiKeys.done')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

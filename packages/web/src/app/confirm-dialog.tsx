import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useTranslation } from 'react-i18next'
import { FormAlert } from '../features/accounts/form-alert.tsx'
import identity from '../features/accounts/identity-dialog.module.css'

interface ConfirmDialogProps {
  title: string
  text: string
  action: string
  /** What it does can be undone again. */
  isMild?: boolean
  change: { start: () => void; isPending: boolean; failure: string | undefined; forget: () => void }
  onClose: () => void
}

/** Asks before something that cannot be taken back, or touches more than is seen. */
export function ConfirmDialog({ title, text, action, isMild = false, change, onClose }: ConfirmDialogProps) {
  const { t } = useTranslation()
  const close = () => {
    change.forget()
    onClose()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Stack>
        <Text c="dimmed">{text}</Text>
        {change.failure && <FormAlert kind="error">{change.failure}</FormAlert>}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={close}>
            {t('app.cancel')}
          </Button>
          <Button {...(isMild ? {} : { color: 'red.9' })} loading={change.isPending} onClick={() => change.start()}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

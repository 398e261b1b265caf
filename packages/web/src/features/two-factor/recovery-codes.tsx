import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { IconDownload, IconPrinter } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../app/copy-button.tsx'
import { useUser } from '../../app/session.ts'
import identity from '../accounts/identity-dialog.module.css'
import classes from './two-factor.module.css'

interface RecoveryCodesProps {
  codes: readonly string[]
  onSaved: () => void
}

/** Shown once, so nothing but the person's word closes it. */
export function RecoveryCodes({ codes, onSaved }: RecoveryCodesProps) {
  const { t } = useTranslation()
  const me = useUser()
  const head = t('recovery.fileHead', { name: me.username, origin: window.location.host })

  const download = () => {
    const text = [head, '', ...codes, '', t('recovery.fileFoot'), ''].join('\r\n')
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    Object.assign(document.createElement('a'), { href: url, download: 'atrium-recovery-codes.txt' }).click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }

  return (
    <Modal
      opened
      size="lg"
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('recovery.title')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      data-print-codes
    >
      <Stack>
        <Text c="dimmed">{t('recovery.text')}</Text>
        <p className={classes.printHead}>{head}</p>
        <ul className={classes.codes} aria-label={t('recovery.list')} data-testid="recovery-codes">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <Group gap="xs" className={classes.buttons ?? ''}>
          <CopyButton text={codes.join('\n')} label={t('recovery.copy')} />
          <Button
            variant="default"
            size="sm"
            leftSection={<IconDownload size={18} stroke={1.75} aria-hidden />}
            onClick={download}
          >
            {t('recovery.download')}
          </Button>
          <Button
            variant="default"
            size="sm"
            leftSection={<IconPrinter size={18} stroke={1.75} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('recovery.print')}
          </Button>
        </Group>
        <Group justify="flex-end" className={classes.buttons ?? ''}>
          <Button onClick={onSaved} data-autofocus>
            {t('recovery.saved')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

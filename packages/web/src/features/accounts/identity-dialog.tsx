import { Anchor, Group, Loader, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './identity-dialog.module.css'
import { IdentityForm } from './identity-form.tsx'
import { type Proof, useProofs } from './identity-proofs.ts'

interface IdentityDialogProps {
  needsSecondFactor: boolean
  onConfirmed: () => void
  onCancel: () => void
}

/** Asks for whatever the account has to say who somebody is. */
export default function IdentityDialog({ needsSecondFactor, onConfirmed, onCancel }: IdentityDialogProps) {
  const { t } = useTranslation()
  const proofs = useProofs(needsSecondFactor)
  const [chosen, setChosen] = useState<Proof>()
  const proof = chosen ?? proofs?.[0]
  const others = proofs?.filter((each) => each !== proof) ?? []

  return (
    <Modal
      opened
      onClose={onCancel}
      title={t('identity.title')}
      classNames={{ content: classes.content ?? '', header: classes.content ?? '', title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {proofs === undefined && (
        <Group justify="center" py="xl">
          <Loader size="sm" aria-label={t('app.loading')} />
        </Group>
      )}
      {proofs?.length === 0 && <Text>{t('identity.none')}</Text>}
      {proof && <IdentityForm key={proof} proof={proof} onConfirmed={onConfirmed} onCancel={onCancel} />}
      {others.length > 0 && (
        <Stack gap="xs" mt="lg" align="flex-start">
          {others.map((each) => (
            <Anchor key={each} component="button" type="button" size="sm" fw={600} onClick={() => setChosen(each)}>
              {t(`identity.to.${each}`)}
            </Anchor>
          ))}
        </Stack>
      )}
    </Modal>
  )
}

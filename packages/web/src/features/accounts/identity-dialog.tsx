import { ApiError } from '@atrium/client'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import classes from './identity-dialog.module.css'
import { PasswordField } from './password-field.tsx'

interface IdentityDialogProps {
  onConfirmed: () => void
  onCancel: () => void
}

export default function IdentityDialog({ onConfirmed, onCancel }: IdentityDialogProps) {
  const { t } = useTranslation()
  const me = useUser()
  const form = useForm({ defaultValues: { password: '' } })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async ({ password }) => {
    try {
      await client.session.reauthenticate({ password })
      onConfirmed()
    } catch (error) {
      const isWrong = error instanceof ApiError && error.status === 401
      const message = isWrong ? t('identity.wrong') : explainError(error, t)
      form.setError('password', { message }, { shouldFocus: true })
    }
  })

  return (
    <Modal
      opened
      onClose={onCancel}
      title={t('identity.title')}
      classNames={{ content: classes.content ?? '', header: classes.content ?? '', title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Text c="dimmed">{t('identity.text')}</Text>
          {/* Password managers look for the name the password belongs to. */}
          <input type="text" autoComplete="username" value={me.username} readOnly hidden />
          <PasswordField
            label={t('identity.password')}
            autoComplete="current-password"
            data-autofocus
            error={errors.password?.message}
            {...form.register('password', { required: t('signIn.passwordMissing') })}
          />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onCancel}>
              {t('app.cancel')}
            </Button>
            <Button type="submit" loading={isSubmitting}>
              {t('identity.action')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

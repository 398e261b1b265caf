import { ApiError } from '@atrium/client'
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'
import { useIdentityCheck } from './identity-check.tsx'
import { PasswordField } from './password-field.tsx'

interface IdentityChangeFormProps {
  what: 'username' | 'email'
  onClose: () => void
}

/** Another username, or another address that has to be confirmed by mail; both with the password, where there is one. */
export function IdentityChangeForm({ what, onClose }: IdentityChangeFormProps) {
  const { t } = useTranslation()
  const me = useUser()
  const confirm = useIdentityCheck()
  const form = useForm({ defaultValues: { username: '', new_email: '', password: '' } })
  const { errors, isSubmitting } = form.formState
  const isName = what === 'username'

  const send = async ({ username, new_email, password }: { username: string; new_email: string; password: string }) => {
    const proof = me.has_password ? { password } : {}
    if (isName) {
      const body = { username: username.trim(), ...proof }
      return client.api.PUT('/api/v1/users/me/username', { body })
    }
    return client.api.POST('/api/v1/users/me/email', { body: { new_email: new_email.trim(), ...proof } })
  }

  const submit = form.handleSubmit(async (values) => {
    try {
      if (!(await confirm(() => send(values)))) return
      await client.session.load()
      if (isName) announce(t('identityCard.usernameDone'))
      onClose()
    } catch (error) {
      if (error instanceof ApiError && error.code === 'current_password_incorrect') {
        form.setError('password', { message: t('identityCard.passwordWrong') }, { shouldFocus: true })
        return
      }
      const isPlaced = placeFieldErrors(error, form.setError, ['username', 'new_email', 'password'], {
        username_taken: ['username', t('identityCard.usernameTaken')],
        email_taken: ['new_email', t('identityCard.emailTaken')],
      })
      if (!isPlaced) form.setError('root', { message: explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack maw={420}>
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {isName ? (
          <TextInput
            label={t('identityCard.newUsername')}
            description={t('identityCard.usernameHint')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            error={errors.username?.message}
            {...form.register('username', {
              validate: (name) => name.trim() !== '' || t('identityCard.usernameMissing'),
            })}
          />
        ) : (
          <TextInput
            label={t('identityCard.newEmail')}
            description={t('identityCard.emailHint')}
            type="email"
            autoComplete="email"
            autoFocus
            error={errors.new_email?.message}
            {...form.register('new_email', {
              validate: (email) => /^\S+@\S+$/.test(email.trim()) || t('identityCard.emailMissing'),
            })}
          />
        )}
        {me.has_password && (
          <PasswordField
            label={t('identityCard.password')}
            autoComplete="current-password"
            error={errors.password?.message}
            {...form.register('password', { required: t('identityCard.passwordMissing') })}
          />
        )}
        <Group>
          <Button type="submit" loading={isSubmitting}>
            {isName ? t('identityCard.saveUsername') : t('identityCard.saveEmail')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

import { Button, Stack, TextInput } from '@mantine/core'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'
import { PasswordField } from './password-field.tsx'
import { passwordRule, useMeta } from './use-meta.ts'

export interface NewAccount {
  username: string
  email: string
  password: string
}

interface NewAccountFormProps {
  action: string
  onSubmit: (values: NewAccount) => Promise<unknown>
  /** Own words for an error, instead of the server's. */
  explain?: (error: unknown) => string | undefined
}

/** Username, e-mail and password: for the first administrator and for everyone after. */
export function NewAccountForm({ action, onSubmit, explain }: NewAccountFormProps) {
  const { t } = useTranslation()
  const meta = useMeta()
  const form = useForm<NewAccount>({ defaultValues: { username: '', email: '', password: '' } })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async ({ username, email, password }) => {
    try {
      await onSubmit({ username: username.trim(), email: email.trim(), password })
    } catch (error) {
      const isPlaced = placeFieldErrors(error, form.setError, ['username', 'email', 'password'], {
        username_taken: ['username', t('signUp.usernameTaken')],
        email_taken: ['email', t('signUp.emailTaken')],
      })
      if (!isPlaced) form.setError('root', { message: explain?.(error) ?? explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        <TextInput
          label={t('signUp.username')}
          description={t('signUp.usernameHint')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          error={errors.username?.message}
          {...form.register('username', { required: t('signUp.usernameMissing') })}
        />
        <TextInput
          label={t('signUp.email')}
          type="email"
          autoComplete="email"
          error={errors.email?.message}
          {...form.register('email', { required: t('signUp.emailMissing') })}
        />
        <PasswordField
          label={t('signUp.password')}
          description={passwordRule(meta, t)}
          autoComplete="new-password"
          error={errors.password?.message}
          {...form.register('password', { required: t('signUp.passwordMissing') })}
        />
        <Button type="submit" loading={isSubmitting} fullWidth mt="xs">
          {action}
        </Button>
      </Stack>
    </form>
  )
}

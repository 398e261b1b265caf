import { ApiError } from '@atrium/client'
import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { CodeField, digitsOf, isCode } from './code-field.tsx'
import { FormAlert } from './form-alert.tsx'
import { explainCode } from './mailed-code.ts'
import { PasswordField } from './password-field.tsx'

interface VerifyFormProps {
  /** What the mail proves: its link, or a code for this address. */
  proof: { token: string } | { email: string }
  onDone: () => unknown
}

/** Confirms an address; asks for the password where the server does not know this browser. */
export function VerifyForm({ proof, onDone }: VerifyFormProps) {
  const { t } = useTranslation()
  const [needsPassword, setNeedsPassword] = useState(false)
  const form = useForm({ defaultValues: { code: '', password: '' } })
  const { errors, isSubmitting } = form.formState
  const byLink = 'token' in proof

  const refuse = (error: unknown) => {
    const code = error instanceof ApiError ? error.code : ''
    if (error instanceof ApiError && error.problem.password_required === true) {
      setNeedsPassword(true)
    } else if (code === 'current_password_incorrect') {
      form.setError('password', { message: t('verify.passwordWrong') }, { shouldFocus: true })
    } else if (byLink && code === 'link_invalid') {
      form.setError('root', { message: t('link.gone') })
    } else {
      const message = byLink ? undefined : explainCode(error, t)
      if (message) form.setError('code', { message }, { shouldFocus: true })
      else form.setError('root', { message: explainError(error, t) })
    }
  }

  const submit = form.handleSubmit(async ({ code, password }) => {
    const more = needsPassword ? { password } : {}
    try {
      await client.session.verifyEmail(byLink ? { ...proof, ...more } : { ...proof, code: digitsOf(code), ...more })
    } catch (error) {
      return refuse(error)
    }
    await onDone()
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {!errors.root && needsPassword && <FormAlert kind="notice">{t('verify.passwordText')}</FormAlert>}
        {!byLink && (
          <CodeField
            length={8}
            label={t('mail.code')}
            description={t('mail.codeHint')}
            autoFocus
            error={errors.code?.message}
            {...form.register('code', { validate: (code) => isCode(code, 8) || t('mail.codeMissing') })}
          />
        )}
        {needsPassword && (
          <PasswordField
            label={t('verify.password')}
            autoComplete="current-password"
            autoFocus
            error={errors.password?.message}
            {...form.register('password', { required: t('signIn.passwordMissing') })}
          />
        )}
        <Button type="submit" loading={isSubmitting} fullWidth mt="xs" autoFocus={byLink}>
          {t('verify.action')}
        </Button>
      </Stack>
    </form>
  )
}

import { ApiError } from '@atrium/client'
import { Button, Stack } from '@mantine/core'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { CodeField, digitsOf, isCode } from './code-field.tsx'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'
import { explainCode } from './mailed-code.ts'
import { PasswordField } from './password-field.tsx'
import { passwordRule, useMeta } from './use-meta.ts'

interface NewPasswordFormProps {
  /** What the mail proves: its link, or a code for this address. */
  proof: { token: string } | { email: string }
  onDone: () => void
}

/** A new password for an old one that was forgotten. */
export function NewPasswordForm({ proof, onDone }: NewPasswordFormProps) {
  const { t } = useTranslation()
  const meta = useMeta()
  const form = useForm({ defaultValues: { code: '', password: '' } })
  const { errors, isSubmitting } = form.formState
  const byLink = 'token' in proof

  const submit = form.handleSubmit(async ({ code, password }) => {
    try {
      await client.session.completePasswordReset({ ...(byLink ? proof : { ...proof, code: digitsOf(code) }), password })
      onDone()
    } catch (error) {
      if (placeFieldErrors(error, form.setError, ['password'])) return
      const isGone = byLink && error instanceof ApiError && error.code === 'link_invalid'
      const wrongCode = byLink ? undefined : explainCode(error, t)
      if (wrongCode) form.setError('code', { message: wrongCode }, { shouldFocus: true })
      else form.setError('root', { message: isGone ? t('link.gone') : explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {!byLink && (
          <>
            {/* Password managers look for the name the password belongs to. */}
            <input type="text" autoComplete="username" value={proof.email} readOnly hidden />
            <CodeField
              length={8}
              label={t('mail.code')}
              description={t('mail.codeHint')}
              autoFocus
              error={errors.code?.message}
              {...form.register('code', { validate: (code) => isCode(code, 8) || t('mail.codeMissing') })}
            />
          </>
        )}
        <PasswordField
          label={t('reset.password')}
          description={passwordRule(meta, t)}
          autoComplete="new-password"
          autoFocus={byLink}
          error={errors.password?.message}
          {...form.register('password', { required: t('reset.missing') })}
        />
        <Button type="submit" loading={isSubmitting} fullWidth mt="xs">
          {t('reset.action')}
        </Button>
      </Stack>
    </form>
  )
}

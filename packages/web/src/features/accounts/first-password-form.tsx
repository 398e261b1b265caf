import { Button, Group, Stack } from '@mantine/core'
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
import { passwordRule, useMeta } from './use-meta.ts'

/** For who has signed in by other means so far. */
export function FirstPasswordForm() {
  const { t } = useTranslation()
  const me = useUser()
  const meta = useMeta()
  const confirm = useIdentityCheck()
  const form = useForm({ defaultValues: { new_password: '' } })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async (body) => {
    try {
      const answer = await confirm(() => client.api.POST('/api/v1/users/me/password', { body }))
      if (!answer) return
      announce(t('setPassword.done'))
      // Shows the form that changes it from now on.
      await client.session.load()
    } catch (error) {
      if (placeFieldErrors(error, form.setError, ['new_password'])) return
      form.setError('root', { message: explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md" maw={420}>
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {/* Password managers look for the name the password belongs to. */}
        <input type="text" autoComplete="username" value={me.username} readOnly hidden />
        <PasswordField
          label={t('changePassword.next')}
          description={passwordRule(meta, t)}
          autoComplete="new-password"
          error={errors.new_password?.message}
          {...form.register('new_password', { required: t('changePassword.nextMissing') })}
        />
        <Group mt="xs">
          <Button type="submit" loading={isSubmitting}>
            {t('setPassword.action')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

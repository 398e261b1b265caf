import { ApiError } from '@atrium/client'
import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'
import { useIdentityCheck } from './identity-check.tsx'
import { PasswordField } from './password-field.tsx'
import { SaveState } from './save-state.tsx'
import { passwordRule, useMeta } from './use-meta.ts'

const empty = { current_password: '', new_password: '' }

export function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const { t } = useTranslation()
  const me = useUser()
  const meta = useMeta()
  const confirm = useIdentityCheck()
  const [isDone, setDone] = useState(false)
  const form = useForm({ defaultValues: empty })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async (values) => {
    setDone(false)
    try {
      const isChanged = await confirm(() => client.account.changePassword(values).then(() => true))
      if (!isChanged) return
      form.reset(empty)
      setDone(true)
      onChanged()
    } catch (error) {
      if (error instanceof ApiError && error.code === 'current_password_incorrect') {
        form.setError('current_password', { message: t('changePassword.currentWrong') }, { shouldFocus: true })
      } else if (!placeFieldErrors(error, form.setError, ['current_password', 'new_password'])) {
        form.setError('root', { message: explainError(error, t) })
      }
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} onChange={() => setDone(false)} noValidate>
      <Stack gap="md" maw={420}>
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {/* Password managers look for the name the password belongs to. */}
        <input type="text" autoComplete="username" value={me.username} readOnly hidden />
        <PasswordField
          label={t('changePassword.current')}
          autoComplete="current-password"
          error={errors.current_password?.message}
          {...form.register('current_password', { required: t('changePassword.currentMissing') })}
        />
        <PasswordField
          label={t('changePassword.next')}
          description={passwordRule(meta, t)}
          autoComplete="new-password"
          error={errors.new_password?.message}
          {...form.register('new_password', { required: t('changePassword.nextMissing') })}
        />
        <Group mt="xs">
          <Button type="submit" loading={isSubmitting}>
            {t('changePassword.action')}
          </Button>
        </Group>
        <SaveState text={isDone ? t('changePassword.done') : undefined} />
      </Stack>
    </form>
  )
}

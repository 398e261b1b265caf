import { Button, Stack, TextInput } from '@mantine/core'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'

interface EmailFormProps {
  email: string
  action: string
  send: (email: string) => Promise<void>
  onSent: (email: string) => void
}

/** Asks for an address to send something to. */
export function EmailForm({ email, action, send, onSent }: EmailFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { email } })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async (values) => {
    const address = values.email.trim()
    try {
      await send(address)
      onSent(address)
    } catch (error) {
      if (placeFieldErrors(error, form.setError, ['email'])) return
      form.setError('root', { message: explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        <TextInput
          label={t('mail.email')}
          type="email"
          autoComplete="email"
          autoFocus
          error={errors.email?.message}
          {...form.register('email', {
            validate: (text) => /^\S+@\S+$/.test(text.trim()) || t('mail.emailMissing'),
          })}
        />
        <Button type="submit" loading={isSubmitting} fullWidth mt="xs">
          {action}
        </Button>
      </Stack>
    </form>
  )
}

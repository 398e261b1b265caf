import { ApiError } from '@atrium/client'
import { Anchor, Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { AuthLayout } from '../accounts/auth-layout.tsx'
import { CheckboxField } from '../accounts/checkbox-field.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { Links } from '../accounts/links.tsx'
import type { NeedSecond } from './steps.ts'

interface LinkSignInProps {
  token: string
  onSecond: NeedSecond
  onMail: () => void
  onBack: () => void
}

/** The link of a mail is used by a press and not by opening it: programs that look at mails open links too. */
export default function LinkSignIn({ token, onSecond, onMail, onBack }: LinkSignInProps) {
  const { t } = useTranslation()
  const [isGone, setGone] = useState(false)
  const form = useForm({ defaultValues: { remember: true } })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async ({ remember }) => {
    try {
      const result = await client.session.signInByEmail({ token, remember })
      if (result.status === 'mfa_required') onSecond(result, remember)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'link_invalid') setGone(true)
      else form.setError('root', { message: explainError(error, t) })
    }
  })

  return (
    <AuthLayout title={t('link.title')} text={t('link.text')}>
      {isGone ? (
        <Stack gap="md">
          <FormAlert kind="error">{t('link.gone')}</FormAlert>
          <Button fullWidth onClick={onMail}>
            {t('link.newOne')}
          </Button>
        </Stack>
      ) : (
        <form onSubmit={(event) => void submit(event)} noValidate>
          <Stack gap="md">
            {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
            <CheckboxField label={t('signIn.remember')} {...form.register('remember')} />
            <Button type="submit" loading={isSubmitting} fullWidth mt="xs" autoFocus>
              {t('link.action')}
            </Button>
          </Stack>
        </form>
      )}
      <Links>
        <Anchor component="button" type="button" onClick={onBack}>
          {t('mail.back')}
        </Anchor>
      </Links>
    </AuthLayout>
  )
}

import { Anchor, Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { AuthLayout } from '../accounts/auth-layout.tsx'
import { CodeField, digitsOf, isCode } from '../accounts/code-field.tsx'
import { EmailForm } from '../accounts/email-form.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { Links } from '../accounts/links.tsx'
import { explainCode } from '../accounts/mailed-code.ts'
import { Resend } from '../accounts/resend.tsx'
import type { NeedSecond } from './steps.ts'

interface EmailSignInProps {
  email: string
  remember: boolean
  onSecond: NeedSecond
  onBack: () => void
}

/** A link and a code by mail, for who has no password at hand. */
export default function EmailSignIn({ email, remember, onSecond, onBack }: EmailSignInProps) {
  const { t } = useTranslation()
  const [sentTo, setSentTo] = useState<string>()
  const back = (
    <Anchor component="button" type="button" onClick={onBack}>
      {t('mail.back')}
    </Anchor>
  )

  if (sentTo === undefined) {
    return (
      <AuthLayout title={t('mail.title')} text={t('mail.text')}>
        <EmailForm
          email={email}
          action={t('mail.action')}
          send={(address) => client.session.requestEmailSignIn(address)}
          onSent={setSentTo}
        />
        <Links>{back}</Links>
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('mail.sentTitle')} text={t('mail.sentText', { email: sentTo })}>
      <CodeForm email={sentTo} remember={remember} onSecond={onSecond} />
      <Resend send={() => client.session.requestEmailSignIn(sentTo)} />
      <Links>
        <Anchor component="button" type="button" onClick={() => setSentTo(undefined)}>
          {t('mail.otherAddress')}
        </Anchor>
        {back}
      </Links>
    </AuthLayout>
  )
}

function CodeForm({ email, remember, onSecond }: Omit<EmailSignInProps, 'onBack'>) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { code: '' } })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async ({ code }) => {
    try {
      const result = await client.session.signInByEmail({ email, code: digitsOf(code), remember })
      if (result.status === 'mfa_required') onSecond(result, remember)
    } catch (error) {
      const message = explainCode(error, t)
      if (message) form.setError('code', { message }, { shouldFocus: true })
      else form.setError('root', { message: explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        <CodeField
          length={8}
          label={t('mail.code')}
          description={t('mail.codeHint')}
          autoFocus
          error={errors.code?.message}
          {...form.register('code', { validate: (code) => isCode(code, 8) || t('mail.codeMissing') })}
        />
        <Button type="submit" loading={isSubmitting} fullWidth mt="xs">
          {t('signIn.action')}
        </Button>
      </Stack>
    </form>
  )
}

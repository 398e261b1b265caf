import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AuthLayout } from './auth-layout.tsx'
import { Done } from './done.tsx'
import { EmailForm } from './email-form.tsx'
import { Links } from './links.tsx'
import { NewPasswordForm } from './new-password-form.tsx'
import { Resend } from './resend.tsx'

/** Asks for a mail; its link leads to the page for the new password, its code works right here. */
export function ForgotPasswordPage() {
  const { t } = useTranslation()
  const [email, setEmail] = useState('')
  const [step, setStep] = useState<'ask' | 'sent' | 'done'>('ask')
  usePageTitle(t('forgot.title'))

  if (step === 'done') return <Done title={t('reset.doneTitle')} text={t('reset.doneText')} />
  const isSent = step === 'sent'
  return (
    <AuthLayout
      title={isSent ? t('mail.sentTitle') : t('forgot.title')}
      text={isSent ? t('forgot.sentText', { email }) : t('forgot.text')}
    >
      {isSent ? (
        <>
          <NewPasswordForm proof={{ email }} onDone={() => setStep('done')} />
          <Resend send={() => client.session.requestPasswordReset(email)} />
        </>
      ) : (
        <EmailForm
          email={email}
          action={t('forgot.action')}
          send={(address) => client.session.requestPasswordReset(address)}
          onSent={(address) => {
            setEmail(address)
            setStep('sent')
          }}
        />
      )}
      <Links>
        {isSent && (
          <Anchor component="button" type="button" onClick={() => setStep('ask')}>
            {t('mail.otherAddress')}
          </Anchor>
        )}
        <Anchor component={Link} to="/sign-in">
          {t('mail.back')}
        </Anchor>
      </Links>
    </AuthLayout>
  )
}

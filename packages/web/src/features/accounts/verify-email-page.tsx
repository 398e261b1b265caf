import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { useFragment } from '../../app/fragment.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useSession } from '../../app/session.ts'
import { AuthLayout } from './auth-layout.tsx'
import { Done } from './done.tsx'
import { EmailForm } from './email-form.tsx'
import { Links } from './links.tsx'
import { Resend } from './resend.tsx'
import { VerifyForm } from './verify-form.tsx'

/** From the link of the mail, or with the code that stands in it. */
export function VerifyEmailPage() {
  const { t } = useTranslation()
  const { user } = useSession()
  const token = useFragment().get('token')
  const [email, setEmail] = useState(user?.email_verified ? null : (user?.email ?? null))
  const [isDone, setDone] = useState(false)
  usePageTitle(t('verify.title'))

  const done = async () => {
    // Whoever is signed in sees it in their account at once.
    if (client.session.user) await client.session.load().catch(() => {})
    setDone(true)
  }

  if (isDone) return <Done title={t('verify.doneTitle')} text={t('verify.doneText')} />
  if (token) {
    return (
      <AuthLayout title={t('verify.title')} text={t('verify.linkText')}>
        <VerifyForm proof={{ token }} onDone={done} />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout
      title={t('verify.title')}
      text={email === null ? t('verify.resendText') : t('verify.sentText', { email })}
    >
      {email === null ? (
        <EmailForm
          email=""
          action={t('verify.resend')}
          send={(address) => client.session.resendVerification(address)}
          onSent={setEmail}
        />
      ) : (
        <>
          <VerifyForm proof={{ email }} onDone={done} />
          <Resend send={() => client.session.resendVerification(email)} />
        </>
      )}
      <Links>
        {user ? (
          <Anchor component={Link} to="/messages">
            {t('entry.later')}
          </Anchor>
        ) : (
          <Anchor component={Link} to="/sign-in">
            {t('mail.back')}
          </Anchor>
        )}
      </Links>
    </AuthLayout>
  )
}

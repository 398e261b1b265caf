import { Anchor, Text } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useSession } from '../../app/session.ts'
import { AuthLayout } from './auth-layout.tsx'
import { Links } from './links.tsx'
import { type NewAccount, NewAccountForm } from './new-account-form.tsx'
import { Resend } from './resend.tsx'
import { VerifyForm } from './verify-form.tsx'

const route = getRouteApi('/guest/sign-up')

/** A new account, or a name for a guest. The router leads on by itself once somebody is signed in. */
export function SignUpPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const search = route.useSearch()
  const { user } = useSession()
  const [waiting, setWaiting] = useState<NewAccount>()
  usePageTitle(t('signUp.title'))

  const isGuest = user?.kind === 'guest'
  const register = async (values: NewAccount) => {
    const { status } = await (isGuest ? client.session.upgradeGuest(values) : client.session.register(values))
    if (status === 'verification_required') setWaiting(values)
  }
  /** Of a guest the server knows no address to mail again: it is asked anew. */
  const resend = (values: NewAccount) => (isGuest ? register(values) : client.session.resendVerification(values.email))
  /** The password is still at hand, so that nobody has to type it twice. */
  const enter = async ({ username: identifier, password }: NewAccount) => {
    const result = await client.session.login({ identifier, password }).catch(() => undefined)
    if (result?.status !== 'complete') await navigate({ to: '/sign-in', search })
  }

  if (waiting) {
    return (
      <AuthLayout title={t('mail.sentTitle')} text={t('signUp.checkText', { email: waiting.email })}>
        <VerifyForm proof={{ email: waiting.email }} onDone={() => enter(waiting)} />
        <Resend send={() => resend(waiting)} />
        <Links>
          <Anchor component="button" type="button" onClick={() => setWaiting(undefined)}>
            {t('mail.otherAddress')}
          </Anchor>
        </Links>
      </AuthLayout>
    )
  }
  if (isGuest) {
    return (
      <AuthLayout title={t('guest.title')} text={t('guest.text')}>
        <NewAccountForm action={t('guest.action')} onSubmit={register} />
        <Links>
          <Anchor component={Link} to="/messages">
            {t('entry.later')}
          </Anchor>
        </Links>
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('signUp.title')} text={t('signUp.text')}>
      <NewAccountForm action={t('signUp.action')} onSubmit={register} />
      <Text mt="xl" c="dimmed">
        {t('signUp.haveOne')}{' '}
        <Anchor fw={600} renderRoot={(props) => <Link {...props} to="/sign-in" search={search} />}>
          {t('signUp.signIn')}
        </Anchor>
      </Text>
    </AuthLayout>
  )
}

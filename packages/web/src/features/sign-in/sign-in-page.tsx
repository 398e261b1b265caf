import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFragment } from '../../app/fragment.ts'
import { withWords } from '../../app/i18n.ts'
import { ownPath } from '../../app/own-path.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { PasswordSignIn } from './password-sign-in.tsx'
import { type NeedSecond, type Step, stepOf } from './steps.ts'

const SecondStep = lazy(() => withWords('entry', import('./second-step.tsx')))
const EmailSignIn = lazy(() => withWords('entry', import('./email-sign-in.tsx')))
const LinkSignIn = lazy(() => withWords('entry', import('./link-sign-in.tsx')))

const route = getRouteApi('/guest/sign-in')

/** One address for every way in; the router leads on by itself once somebody is signed in. */
export function SignInPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const fragment = useFragment()
  const { error } = route.useSearch()
  const [step, setStep] = useState<Step>(() => stepOf(fragment) ?? { kind: 'start' })
  usePageTitle(t('signIn.action'))

  useEffect(() => {
    const next = stepOf(fragment)
    if (next) setStep(next)
    const to = ownPath(fragment.get('redirect_to'))
    if (to) void navigate({ to: '/sign-in', search: { to }, replace: true })
  }, [fragment, navigate])

  const restart = (notice?: string) => setStep({ kind: 'start', ...(notice ? { notice } : {}) })
  const needSecond: NeedSecond = (ticket, mayTrust) => setStep({ kind: 'second', ticket, mayTrust })
  const mail = (email: string, remember: boolean) => setStep({ kind: 'mail', email, remember })

  if (step.kind === 'start') {
    return <PasswordSignIn notice={step.notice} providerError={error} onMail={mail} onSecond={needSecond} />
  }
  return (
    <Suspense fallback={null}>
      {step.kind === 'second' && <SecondStep ticket={step.ticket} mayTrust={step.mayTrust} onBack={restart} />}
      {step.kind === 'mail' && (
        <EmailSignIn email={step.email} remember={step.remember} onSecond={needSecond} onBack={() => restart()} />
      )}
      {step.kind === 'link' && (
        <LinkSignIn token={step.token} onSecond={needSecond} onMail={() => mail('', true)} onBack={() => restart()} />
      )}
    </Suspense>
  )
}

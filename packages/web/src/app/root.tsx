import { Anchor } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from './client.ts'
import { Failure } from './failure.tsx'
import { Splash } from './logo.tsx'
import { router } from './router.tsx'
import { useSession } from './session.ts'

/** Waits until it is known who is signed in; afterwards each sign-in and sign-out sends the router to the right place. */
export function Root({ opening }: { opening: Promise<unknown> }) {
  const { t } = useTranslation()
  const { status, user } = useSession()
  const [attempt, setAttempt] = useState(opening)
  const [failure, setFailure] = useState<unknown>()

  useEffect(() => {
    attempt.catch(setFailure)
  }, [attempt])

  // Somebody else in the same page: nothing of the first one may stay behind, in memory or on the screen.
  const first = useRef(user?.id)
  useEffect(() => {
    if (first.current && user && user.id !== first.current) window.location.assign('/messages')
    first.current = user?.id
  }, [user])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another person is another reason to look where to go.
  useEffect(() => {
    if (status !== 'unknown') void router.invalidate()
  }, [status, user?.id, user?.kind])

  // The page that finds out what is wrong needs no session, and must open when none can be had.
  const isDoctor = window.location.pathname === '/doctor'
  if (status !== 'unknown' || (isDoctor && failure)) return <RouterProvider router={router} />
  if (!failure) return <Splash />
  const retry = () => {
    setFailure(undefined)
    setAttempt(client.session.load())
  }
  return (
    <Failure title={t('errors.startTitle')} text={t('errors.startText')} onRetry={retry}>
      <Anchor href="/doctor">{t('errors.startDoctor')}</Anchor>
    </Failure>
  )
}

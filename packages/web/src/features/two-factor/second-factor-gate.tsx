import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { withWords } from '../../app/i18n.ts'
import { factorIsThere, useOwedFactor } from './owed-factor.ts'

const EnrolPage = lazy(() => withWords('account', import('./enrol-page.tsx')))

/** In place of every page, while the server wants a second factor first. */
export function SecondFactorGate({ children }: { children: ReactNode }) {
  const isOwed = useOwedFactor()
  // The next person to sign in here owes nothing yet.
  useEffect(() => factorIsThere, [])
  if (!isOwed) return children
  return (
    <Suspense fallback={null}>
      <EnrolPage />
    </Suspense>
  )
}

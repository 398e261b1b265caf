import { QueryClientProvider } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useParams } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { IdentityCheck } from '../features/accounts/identity-check.tsx'
import { useMessaging } from '../features/messaging/use-messaging.ts'
import { useNotifications } from '../features/notifications/use-notifications.ts'
import { useFriendRequests } from '../features/people/use-friend-requests.ts'
import { presences } from '../features/presence/presence-store.ts'
import { SecondFactorGate } from '../features/two-factor/second-factor-gate.tsx'
import { AccountNotice } from './account-notice.tsx'
import { Announcements } from './announcements.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { ImpersonationBanner } from './impersonation-banner.tsx'
import { LeavingGate } from './leaving-gate.tsx'
import { LogoMark } from './logo.tsx'
import { Navigation } from './navigation.tsx'
import { queryClient } from './query-client.ts'
import classes from './shell.module.css'
import { UserMenu } from './user-menu.tsx'

/** Everything behind the sign-in, with a memory that ends with the session: what one has read is not for the next one. */
export function Shell() {
  useEffect(() => () => queryClient.clear(), [])
  return (
    <QueryClientProvider client={queryClient}>
      <IdentityCheck>
        <Frame />
      </IdentityCheck>
    </QueryClientProvider>
  )
}

function Frame() {
  const { t } = useTranslation()
  const { conversationId } = useParams({ strict: false })
  const main = useRef<HTMLElement>(null)
  const unread = useMessaging()
  const notices = useNotifications()
  const requests = useFriendRequests()
  useEffect(() => presences.start(), [])
  useFocusOnNavigation(main)

  return (
    <>
      <a href="#content" className={classes.skip}>
        {t('app.skip')}
      </a>
      <div className={classes.shell} data-conversation={conversationId !== undefined}>
        <header className={classes.rail}>
          <Link to="/messages" className={classes.home ?? ''} aria-label="Atrium">
            <LogoMark size={36} />
          </Link>
          <Navigation unread={unread} notices={notices} requests={requests} />
          <UserMenu />
        </header>
        <main ref={main} id="content" className={classes.main} tabIndex={-1}>
          <ConnectionBanner />
          <ImpersonationBanner />
          <Announcements />
          <AccountNotice />
          <div className={classes.page}>
            <LeavingGate>
              <SecondFactorGate>
                <Outlet />
              </SecondFactorGate>
            </LeavingGate>
          </div>
        </main>
      </div>
    </>
  )
}

/** After each change of page the keyboard and the screen reader go on at its heading, as with a page that is loaded. */
function useFocusOnNavigation(main: React.RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation()
  const previous = useRef(pathname)
  useEffect(() => {
    if (previous.current === pathname) return
    previous.current = pathname
    // A page that takes the focus by itself (a search field, the message field) has done so by now.
    const timer = setTimeout(() => {
      const isInPage = main.current?.contains(document.activeElement) && document.activeElement !== main.current
      if (isInPage && document.activeElement?.matches('input, textarea')) return
      const headings = [...(main.current?.querySelectorAll<HTMLElement>('[data-page-heading]') ?? [])]
      const heading = headings.find((each) => each.checkVisibility()) ?? main.current
      heading?.focus({ preventScroll: true })
    }, 50)
    return () => clearTimeout(timer)
  }, [pathname, main])
}

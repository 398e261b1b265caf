import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { client } from './client.ts'
import { Splash } from './logo.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { PageFailure } from './page-failure.tsx'

/** Where to go after signing in: a path of this app, never another site. */
const ownPath = (to: unknown): string | undefined =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to) && to !== '/' ? to : undefined

const root = createRootRoute({ notFoundComponent: NotFoundPage, errorComponent: PageFailure })

const guest = createRoute({
  getParentRoute: () => root,
  id: 'guest',
  // A field that is left out would keep what the address says.
  validateSearch: (search: Record<string, unknown>): { to?: string | undefined } => ({ to: ownPath(search.to) }),
  beforeLoad: ({ search }) => {
    if (client.session.user) throw redirect({ to: search.to ?? '/messages', search: {}, replace: true })
  },
})

const signIn = createRoute({
  getParentRoute: () => guest,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('../features/accounts/sign-in-page.tsx'), 'SignInPage'),
})

const signUp = createRoute({
  getParentRoute: () => guest,
  path: '/sign-up',
  component: lazyRouteComponent(() => import('../features/accounts/sign-up-page.tsx'), 'SignUpPage'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  beforeLoad: () => {
    if (client.session.user) throw redirect({ to: '/messages', hash: '', replace: true })
  },
  component: lazyRouteComponent(() => import('../features/accounts/setup-page.tsx'), 'SetupPage'),
})

const member = createRoute({
  getParentRoute: () => root,
  id: 'member',
  beforeLoad: ({ location }) => {
    if (client.session.user) return
    const chosenToLeave = client.session.state.reason === 'logged_out'
    const to = chosenToLeave ? undefined : ownPath(location.pathname)
    throw redirect({ to: '/sign-in', search: to ? { to } : {}, replace: true })
  },
  component: lazyRouteComponent(() => import('./shell.tsx'), 'Shell'),
})

const start = createRoute({
  getParentRoute: () => member,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/messages', replace: true })
  },
})

const messages = createRoute({
  getParentRoute: () => member,
  path: '/messages',
  component: lazyRouteComponent(() => import('../features/messaging/messages-page.tsx'), 'MessagesPage'),
})

const noConversation = createRoute({
  getParentRoute: () => messages,
  path: '/',
  component: lazyRouteComponent(() => import('../features/messaging/no-conversation.tsx'), 'NoConversation'),
})

const conversation = createRoute({
  getParentRoute: () => messages,
  path: '/$conversationId',
  component: lazyRouteComponent(() => import('../features/messaging/conversation-page.tsx'), 'ConversationPage'),
})

const people = createRoute({
  getParentRoute: () => member,
  path: '/people',
  component: lazyRouteComponent(() => import('../features/people/people-page.tsx'), 'PeoplePage'),
})

const account = createRoute({
  getParentRoute: () => member,
  path: '/account',
  component: lazyRouteComponent(() => import('../features/accounts/account-page.tsx'), 'AccountPage'),
})

const accountStart = createRoute({
  getParentRoute: () => account,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/account/profile', replace: true })
  },
})

const profile = createRoute({
  getParentRoute: () => account,
  path: '/profile',
  component: lazyRouteComponent(() => import('../features/accounts/profile-page.tsx'), 'ProfilePage'),
})

const security = createRoute({
  getParentRoute: () => account,
  path: '/security',
  component: lazyRouteComponent(() => import('../features/accounts/security-page.tsx'), 'SecurityPage'),
})

const appearance = createRoute({
  getParentRoute: () => account,
  path: '/appearance',
  component: lazyRouteComponent(() => import('../features/accounts/appearance-page.tsx'), 'AppearancePage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    guest.addChildren([signIn, signUp]),
    setup,
    member.addChildren([
      start,
      messages.addChildren([noConversation, conversation]),
      people,
      account.addChildren([accountStart, profile, security, appearance]),
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: Splash,
  defaultPendingMs: 300,
  defaultErrorComponent: PageFailure,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

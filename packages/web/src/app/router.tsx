import { createRoute, createRouter, redirect } from '@tanstack/react-router'
import { adminRoutes } from './admin-routes.ts'
import { client } from './client.ts'
import { dataRoutes } from './data-routes.ts'
import { entryRoutes } from './entry-routes.ts'
import { holdFragment } from './fragment.ts'
import { Splash } from './logo.tsx'
import { ownPath } from './own-path.ts'
import { PageFailure } from './page-failure.tsx'
import { page, root } from './routes.ts'

const member = createRoute({
  getParentRoute: () => root,
  id: 'member',
  beforeLoad: ({ location }) => {
    if (client.session.user) return
    const chosenToLeave = client.session.state.reason === 'logged_out'
    const to = chosenToLeave ? undefined : ownPath(location.pathname)
    // A sign-in through another site comes back to where it was to lead, also when it failed.
    const { error } = location.search as { error?: unknown }
    const search = { ...(to ? { to } : {}), ...(typeof error === 'string' ? { error } : {}) }
    holdFragment(location.pathname, location.hash)
    throw redirect({ to: '/sign-in', search, hash: '', replace: true })
  },
  component: page('member', () => import('./shell.tsx'), 'Shell'),
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
  component: page('chat', () => import('../features/messaging/messages-page.tsx'), 'MessagesPage'),
})

const noConversation = createRoute({
  getParentRoute: () => messages,
  path: '/',
  component: page('member', () => import('../features/messaging/no-conversation.tsx'), 'NoConversation'),
})

const conversation = createRoute({
  getParentRoute: () => messages,
  path: '/$conversationId',
  validateSearch: (search: Record<string, unknown>): { at?: string; thread?: string } => ({
    ...(typeof search.at === 'string' ? { at: search.at } : {}),
    ...(typeof search.thread === 'string' ? { thread: search.thread } : {}),
  }),
  component: page('chat', () => import('../features/messaging/conversation-page.tsx'), 'ConversationPage'),
})

const newConversation = createRoute({
  getParentRoute: () => member,
  path: '/new',
  validateSearch: (search: Record<string, unknown>): { kind: 'group' | 'channel' } => ({
    kind: search.kind === 'channel' ? 'channel' : 'group',
  }),
  component: page('groups', () => import('../features/groups/new-conversation-page.tsx'), 'NewConversationPage'),
})

const channels = createRoute({
  getParentRoute: () => member,
  path: '/channels',
  component: page('groups', () => import('../features/groups/channels-page.tsx'), 'ChannelsPage'),
})

const join = createRoute({
  getParentRoute: () => member,
  path: '/join',
  component: page('groups', () => import('../features/groups/join-page.tsx'), 'JoinPage'),
})

const people = createRoute({
  getParentRoute: () => member,
  path: '/people',
  component: page('people', () => import('../features/people/people-page.tsx'), 'PeoplePage'),
})

const findPeople = createRoute({
  getParentRoute: () => people,
  path: '/',
  component: page('people', () => import('../features/people/find-page.tsx'), 'FindPage'),
})

const friends = createRoute({
  getParentRoute: () => people,
  path: '/friends',
  component: page('people', () => import('../features/people/friends-page.tsx'), 'FriendsPage'),
})

const friendRequests = createRoute({
  getParentRoute: () => people,
  path: '/requests',
  component: page('people', () => import('../features/people/requests-page.tsx'), 'RequestsPage'),
})

const blocked = createRoute({
  getParentRoute: () => people,
  path: '/blocked',
  component: page('people', () => import('../features/people/blocked-page.tsx'), 'BlockedPage'),
})

const person = createRoute({
  getParentRoute: () => member,
  path: '/people/$name',
  component: page('people', () => import('../features/people/profile-page.tsx'), 'PersonPage'),
})

const places = createRoute({
  getParentRoute: () => member,
  path: '/places',
  component: page('places', () => import('../features/places/places-page.tsx'), 'PlacesPage'),
})

const notifications = createRoute({
  getParentRoute: () => member,
  path: '/notifications',
  component: page('notices', () => import('../features/notifications/notifications-page.tsx'), 'NotificationsPage'),
})

const files = createRoute({
  getParentRoute: () => member,
  path: '/files',
  component: page('library', () => import('../features/files/files-page.tsx'), 'FilesPage'),
})

const confirmEmail = createRoute({
  getParentRoute: () => member,
  path: '/confirm-email',
  component: page('member', () => import('../features/accounts/confirm-email-page.tsx'), 'ConfirmEmailPage'),
})

const account = createRoute({
  getParentRoute: () => member,
  path: '/account',
  component: page('member', () => import('../features/accounts/account-page.tsx'), 'AccountPage'),
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
  component: page('account', () => import('../features/accounts/profile-page.tsx'), 'ProfilePage'),
})

const security = createRoute({
  getParentRoute: () => account,
  path: '/security',
  component: page('account', () => import('../features/accounts/security-page.tsx'), 'SecurityPage'),
})

const devices = createRoute({
  getParentRoute: () => account,
  path: '/devices',
  component: page('account', () => import('../features/devices/devices-page.tsx'), 'DevicesPage'),
})

const apiKeys = createRoute({
  getParentRoute: () => account,
  path: '/api-keys',
  component: page('account', () => import('../features/api-keys/api-keys-page.tsx'), 'ApiKeysPage'),
})

const activity = createRoute({
  getParentRoute: () => account,
  path: '/activity',
  component: page('account', () => import('../features/audit/activity-page.tsx'), 'ActivityPage'),
})

const privacy = createRoute({
  getParentRoute: () => account,
  path: '/privacy',
  component: page('people', () => import('../features/people/privacy-page.tsx'), 'PrivacyPage'),
})

const accountNotifications = createRoute({
  getParentRoute: () => account,
  path: '/notifications',
  component: page(
    'notices',
    () => import('../features/notifications/preferences-page.tsx'),
    'NotificationPreferencesPage',
  ),
})

const appearance = createRoute({
  getParentRoute: () => account,
  path: '/appearance',
  component: page('member', () => import('../features/accounts/appearance-page.tsx'), 'AppearancePage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    ...entryRoutes,
    member.addChildren([
      start,
      messages.addChildren([noConversation, conversation]),
      people.addChildren([findPeople, friends, friendRequests, blocked]),
      person,
      places,
      newConversation,
      channels,
      join,
      notifications,
      files,
      confirmEmail,
      adminRoutes(member),
      dataRoutes(member),
      account.addChildren([
        accountStart,
        profile,
        security,
        devices,
        apiKeys,
        activity,
        privacy,
        accountNotifications,
        appearance,
      ]),
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

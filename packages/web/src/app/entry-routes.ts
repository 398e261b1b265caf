import { createRoute, redirect } from '@tanstack/react-router'
import { loadEntry } from '../features/sign-in/entry.ts'
import { client } from './client.ts'
import { ownPath } from './own-path.ts'
import { page, root } from './routes.ts'

interface GuestSearch {
  /** Where to go afterwards. */
  to?: string | undefined
  /** What a sign-in through another site came back with. */
  error?: string | undefined
}

/** For who is not signed in, and for guests who want to become somebody. */
const guest = createRoute({
  getParentRoute: () => root,
  id: 'guest',
  // A field that is left out would keep what the address says.
  validateSearch: (search: Record<string, unknown>): GuestSearch => ({
    to: ownPath(search.to),
    error: typeof search.error === 'string' ? search.error : undefined,
  }),
  beforeLoad: ({ search }) => {
    const { user } = client.session
    if (user && user.kind !== 'guest') {
      throw redirect({ to: search.to ?? '/messages', search: {}, hash: '', replace: true })
    }
  },
  loader: loadEntry,
})

const signIn = createRoute({
  getParentRoute: () => guest,
  path: '/sign-in',
  component: page('start', () => import('../features/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const signUp = createRoute({
  getParentRoute: () => guest,
  path: '/sign-up',
  component: page('entry', () => import('../features/accounts/sign-up-page.tsx'), 'SignUpPage'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  beforeLoad: () => {
    if (client.session.user) throw redirect({ to: '/messages', hash: '', replace: true })
  },
  component: page('entry', () => import('../features/accounts/setup-page.tsx'), 'SetupPage'),
})

const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: page('entry', () => import('../features/accounts/forgot-password-page.tsx'), 'ForgotPasswordPage'),
})

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: page('entry', () => import('../features/accounts/reset-password-page.tsx'), 'ResetPasswordPage'),
})

const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: '/verify-email',
  component: page('entry', () => import('../features/accounts/verify-email-page.tsx'), 'VerifyEmailPage'),
})

const unlock = createRoute({
  getParentRoute: () => root,
  path: '/unlock',
  component: page('entry', () => import('../features/sign-in/unlock-page.tsx'), 'UnlockPage'),
})

const doctor = createRoute({
  getParentRoute: () => root,
  path: '/doctor',
  component: page('doctor', () => import('../features/doctor/doctor-page.tsx'), 'DoctorPage'),
})

/** The pages before the sign-in, and those that the links of mails lead to. */
export const entryRoutes = [
  guest.addChildren([signIn, signUp]),
  setup,
  forgotPassword,
  resetPassword,
  verifyEmail,
  unlock,
  doctor,
] as const

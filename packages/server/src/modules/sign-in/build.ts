import { EmailSignIn, type EmailSignInDependencies } from './email-sign-in.ts'
import { type GuestDependencies, GuestService } from './guest.service.ts'
import { PasswordSignIn, type PasswordSignInDependencies } from './password-sign-in.ts'
import { type ReauthenticationDependencies, Reauthenticator } from './reauthentication.ts'
import { SecondStep, type SecondStepDependencies } from './second-step.ts'
import { SignInService } from './sign-in.service.ts'

export type WaysInDependencies = Omit<
  PasswordSignInDependencies &
    SecondStepDependencies &
    ReauthenticationDependencies &
    EmailSignInDependencies &
    GuestDependencies,
  'signIn' | 'secondStep'
>

/** Every way in, built together. */
export function buildWaysIn(deps: WaysInDependencies) {
  const signIn = new SignInService(deps)
  const shared = { ...deps, signIn }
  const secondStep = new SecondStep(shared)
  return {
    signIn,
    secondStep,
    passwordSignIn: new PasswordSignIn(shared),
    reauthenticator: new Reauthenticator({ ...shared, secondStep }),
    emailSignIn: new EmailSignIn(shared),
    guests: new GuestService(shared),
  }
}

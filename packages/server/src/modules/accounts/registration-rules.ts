import type { RegistrationConfig } from '../../config/registration.ts'
import type { Clock } from '../../platform/clock.ts'
import type { FieldError } from '../../platform/errors.ts'
import type { ProfilePatch } from './accounts.schema.ts'
import { emailKey, invalidFields } from './identity.ts'

/** What an operator asks of people besides a name, an address and a password. */
export class RegistrationRules {
  readonly #config: RegistrationConfig
  readonly #now: Clock

  constructor(deps: { registration: RegistrationConfig; now: Clock }) {
    this.#config = deps.registration
    this.#now = deps.now
  }

  /** Throws validation_failed with one entry per field. */
  assertWelcome(input: ProfilePatch & { email: string }): void {
    this.#throw([...this.#profileProblems(input), ...this.#emailProblems(input.email, '/email')])
  }

  /** What must be said at registration cannot be taken back later. */
  assertProfile(patch: ProfilePatch): void {
    this.#throw(this.#profileProblems(patch).filter(({ pointer }) => pointer.slice(1) in patch))
  }

  assertEmail(email: string, pointer: string): void {
    this.#throw(this.#emailProblems(email, pointer))
  }

  #profileProblems(profile: ProfilePatch): FieldError[] {
    const missing = this.#config.requiredFields.filter((field) => !profile[field]?.trim())
    return [
      ...missing.map((field) => ({ pointer: `/${field}`, code: 'required', message: 'This is needed here' })),
      ...this.#ageProblems(profile.date_of_birth),
    ]
  }

  #ageProblems(birth: string | null | undefined): FieldError[] {
    const { minimumAge } = this.#config
    if (minimumAge === 0 || !birth) return []
    // Whoever is old enough somewhere on earth today is: the day is compared, not the hour.
    const latest = this.#now()
    latest.setUTCHours(latest.getUTCHours() + 14)
    latest.setUTCFullYear(latest.getUTCFullYear() - minimumAge)
    if (birth <= latest.toISOString().slice(0, 10)) return []
    const message = `People must be at least ${minimumAge} years old here`
    return [{ pointer: '/date_of_birth', code: 'too_young', message }]
  }

  #emailProblems(email: string, pointer: string): FieldError[] {
    const { emailDomains } = this.#config
    const domain = emailKey(email.trim())?.split('@')[1]
    if (emailDomains.length === 0 || domain === undefined || emailDomains.includes(domain)) return []
    return [{ pointer, code: 'email_domain', message: `Only addresses of ${emailDomains.join(', ')} are taken here` }]
  }

  #throw(problems: readonly FieldError[]): void {
    if (problems.length > 0) throw invalidFields(problems)
  }
}

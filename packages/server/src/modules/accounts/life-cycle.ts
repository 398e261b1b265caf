import { type AvailabilityDependencies, AvailabilityService } from './availability.service.ts'
import { type DeletionDependencies, DeletionService } from './deletion.service.ts'
import { type EmailChangeDependencies, EmailChangeService } from './email-change.service.ts'
import { type ErasureDependencies, ErasureService } from './erasure.service.ts'
import { type ErasureReceiptsDependencies, ErasureReceiptsService } from './erasure-receipts.service.ts'
import { type GuestUpgradeDependencies, GuestUpgradeService } from './guest-upgrade.service.ts'
import { Holdings } from './holdings.ts'
import { MailedProofs, type MailedProofsDependencies } from './mailed-proofs.ts'
import { OwnPassword, type OwnPasswordDependencies } from './own-password.ts'
import { type PasswordChangeDependencies, PasswordChangeService } from './password-change.service.ts'
import { type PasswordResetDependencies, PasswordResetService } from './password-reset.service.ts'
import { type RegistrationDependencies, RegistrationService } from './registration.service.ts'
import { type UsernameChangeDependencies, UsernameChangeService } from './username-change.service.ts'
import { type VerificationDependencies, VerificationService } from './verification.service.ts'

/** What the services share and make of one another. */
interface Shared {
  proofs: MailedProofs
  ownPassword: OwnPassword
  holdings: Holdings
  verification: VerificationService
  registration: RegistrationService
}

export type LifeCycleDependencies = MailedProofsDependencies &
  OwnPasswordDependencies &
  Omit<
    VerificationDependencies &
      RegistrationDependencies &
      PasswordResetDependencies &
      PasswordChangeDependencies &
      UsernameChangeDependencies &
      EmailChangeDependencies &
      GuestUpgradeDependencies &
      DeletionDependencies &
      ErasureDependencies &
      ErasureReceiptsDependencies &
      AvailabilityDependencies,
    keyof Shared
  >

/** Everything from registering to erasing, built together. Other rooms add what they keep of an account to `holdings`. */
export function buildLifeCycle(deps: LifeCycleDependencies) {
  const proofs = new MailedProofs(deps)
  const ownPassword = new OwnPassword(deps)
  const holdings = new Holdings()
  const shared = { ...deps, proofs, ownPassword, holdings }
  const verification = new VerificationService(shared)
  const registration = new RegistrationService({ ...shared, verification })
  return {
    holdings,
    ownPassword,
    verification,
    registration,
    passwordReset: new PasswordResetService(shared),
    passwordChange: new PasswordChangeService(shared),
    usernameChange: new UsernameChangeService(shared),
    availability: new AvailabilityService(shared),
    deletion: new DeletionService(shared),
    erasure: new ErasureService(shared),
    erasureReceipts: new ErasureReceiptsService(shared),
    guestUpgrade: new GuestUpgradeService({ ...shared, verification, registration }),
    emailChange: new EmailChangeService({ ...shared, verification, registration }),
  }
}

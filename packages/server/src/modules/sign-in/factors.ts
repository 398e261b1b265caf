import type { Db } from '../../platform/db/schema.ts'

export type FactorMethod = 'totp' | 'recovery' | 'passkey'
export type PasskeyPurpose = 'sign_in' | 'mfa' | 'reauthenticate'

/** What signing in needs of the two-factor room. */
export interface SecondFactorsDoor {
  methodsOf(db: Db, userId: string): Promise<FactorMethod[]>
  verifyTotp(userId: string, code: string): Promise<boolean>
  useRecoveryCode(userId: string, code: string): Promise<number | undefined>
}

export interface PasskeysDoor {
  requestOptions(purpose: PasskeyPurpose, userId?: string): Promise<unknown>
  verify(
    purpose: PasskeyPurpose,
    assertion: unknown,
    userId?: string,
  ): Promise<{ userId: string; userVerified: boolean } | undefined>
}

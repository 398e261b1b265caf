import { ApiError, type NewPasskey } from '@atrium/client'
import { startAuthentication, startRegistration, WebAuthnAbortService } from '@simplewebauthn/browser'
import type { TFunction } from 'i18next'
import { explainError } from '../../app/error-words.ts'

/** The browser's own dialog. Takes back a question that is still open. */
export function askPasskey(
  options: PublicKeyCredentialRequestOptionsJSON,
  useBrowserAutofill = false,
): Promise<object> {
  // The same JSON, described once by the library and once by TypeScript.
  const optionsJSON = options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON']
  return startAuthentication({ optionsJSON, useBrowserAutofill })
}

/** No dialog: the passkeys stand among the names the browser offers at the field, for as long as nobody chooses one. */
export const offerPasskeys = (options: PublicKeyCredentialRequestOptionsJSON): Promise<object> =>
  askPasskey(options, true)

export const takeBackQuestion = (): void => WebAuthnAbortService.cancelCeremony()

/** Undefined where there is nothing to say: the page itself took the question back. */
export function explainPasskey(error: unknown, t: TFunction): string | undefined {
  if (error instanceof ApiError && ['passkey_invalid', 'mfa_invalid'].includes(error.code)) return t('passkey.failed')
  if (!(error instanceof Error)) return explainError(error, t)
  if (error.name === 'AbortError') return undefined
  // A person who closes the dialog and one who has no passkey look the same to a page.
  if (error.name === 'NotAllowedError') return t('passkey.cancelled')
  if (error.name === 'SecurityError' || error.name === 'NotSupportedError') return t('passkey.unavailable')
  return explainError(error, t)
}

/** A new passkey on this device or on a key, as the browser's own dialog makes it. */
export async function makePasskey(options: object): Promise<NewPasskey['credential']> {
  const optionsJSON = options as Parameters<typeof startRegistration>[0]['optionsJSON']
  return (await startRegistration({ optionsJSON })) as object as NewPasskey['credential']
}

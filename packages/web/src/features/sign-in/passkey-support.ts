import { withWords } from '../../app/i18n.ts'

/** False also on pages without https, where browsers keep passkeys away. */
export const hasPasskeys = (): boolean => typeof globalThis.PublicKeyCredential === 'function'

/** Whether passkeys may stand among the names that the browser offers at a field. */
export async function canOfferPasskeys(): Promise<boolean> {
  if (!hasPasskeys()) return false
  return (await globalThis.PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false
}

/** Only who uses passkeys loads what speaks with them. */
export const loadPasskeys = () => withWords('entry', import('./passkeys.ts'))

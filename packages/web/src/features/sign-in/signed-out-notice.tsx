import type { SignedOutReason } from '@atrium/client'
import { useTranslation } from 'react-i18next'
import { FormAlert } from '../accounts/form-alert.tsx'

const known = ['expired', 'revoked', 'password_changed', 'suspended', 'refresh_reused', 'role_changed'] as const

/** Why the person is back at the door, unless they left by themselves. */
export function SignedOutNotice({ reason }: { reason: SignedOutReason | null }) {
  const { t } = useTranslation()
  if (!reason || reason === 'logged_out') return null
  const word = known.find((each) => each === reason) ?? 'other'
  return <FormAlert kind="notice">{t(`signIn.reason.${word}`)}</FormAlert>
}

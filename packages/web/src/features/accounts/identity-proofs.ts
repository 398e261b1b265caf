import { queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import { hasPasskeys } from '../sign-in/passkey-support.ts'

/** Ways to say again who one is. */
export type Proof = 'password' | 'totp' | 'passkey' | 'mail'

/** Which second factors the account has. No event tells of changes, so each look asks anew. */
export const mfaQuery = queryOptions({
  queryKey: ['mfa'],
  queryFn: () => client.api.GET('/api/v1/users/me/mfa'),
  staleTime: 0,
})

/** Those this account has, in this browser; undefined while that is not known. */
export function useProofs(needsSecondFactor: boolean): Proof[] | undefined {
  const me = useUser()
  const { data, isPending } = useQuery(mfaQuery)
  // A password is asked for at once; what else there is stands below it a moment later.
  if (isPending) return me.has_password && !needsSecondFactor ? ['password'] : undefined
  return [
    ...(me.has_password && !needsSecondFactor ? (['password'] as const) : []),
    ...(data?.totp.enabled ? (['totp'] as const) : []),
    ...(data && data.passkeys > 0 && hasPasskeys() ? (['passkey'] as const) : []),
    ...(!me.has_password && !needsSecondFactor && me.email_verified ? (['mail'] as const) : []),
  ]
}

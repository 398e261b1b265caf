import type { User } from '@atrium/client'
import { useQuery } from '@tanstack/react-query'
import { may } from '../admin/rights.ts'
import { tablesQuery } from './queries.ts'

/** Whether the page of tables has something for this person: tables, or the right to set some up. */
export function useHasTables(me: Pick<User, 'permissions'>): boolean {
  const isAdmin = may(me, 'tables:read')
  const query = useQuery({ ...tablesQuery, enabled: !isAdmin && may(me, 'data:read'), retry: false })
  return isAdmin || (query.data?.length ?? 0) > 0
}

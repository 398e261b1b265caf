import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export type AdminUser = Awaited<ReturnType<typeof loadUser>>
export type Role = Awaited<ReturnType<typeof loadRoles>>[number]

const loadUser = (id: string) => client.api.GET('/api/v1/admin/users/{id}', { params: { path: { id } } })
const loadRoles = async () => (await client.api.GET('/api/v1/admin/roles')).data

export const userQuery = (id: string) => queryOptions({ queryKey: ['admin', 'user', id], queryFn: () => loadUser(id) })
export const rolesQuery = queryOptions({ queryKey: ['admin', 'roles'], queryFn: loadRoles })
export const permissionsQuery = queryOptions({
  queryKey: ['admin', 'permissions'],
  queryFn: async () => (await client.api.GET('/api/v1/admin/permissions')).data,
})

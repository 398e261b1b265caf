import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export type Jobs = Awaited<ReturnType<typeof loadJobs>>

const loadJobs = () => client.api.GET('/api/v1/admin/jobs')

export const jobsQuery = queryOptions({ queryKey: ['admin', 'jobs'], queryFn: loadJobs, refetchInterval: 5_000 })

export type Setting = Awaited<ReturnType<typeof loadSettings>>[number]

const loadSettings = async () => (await client.api.GET('/api/v1/admin/settings')).data

export const settingsQuery = queryOptions({ queryKey: ['admin', 'settings', 'now'], queryFn: loadSettings })
export const configQuery = queryOptions({
  queryKey: ['admin', 'settings', 'all'],
  queryFn: async () => (await client.api.GET('/api/v1/admin/config')).data,
})

export type Backups = Awaited<ReturnType<typeof loadBackups>>

const loadBackups = () => client.api.GET('/api/v1/admin/backups')

/** While one is being made its progress is asked for each second. */
export const backupsQuery = queryOptions({
  queryKey: ['admin', 'backups'],
  queryFn: loadBackups,
  refetchInterval: ({ state }) => (state.data?.data.some((backup) => backup.state !== 'ready') ? 1_000 : 30_000),
})

export const cacheQuery = queryOptions({
  queryKey: ['admin', 'cache'],
  queryFn: async () => (await client.api.GET('/api/v1/admin/cache/stats')).data,
  refetchInterval: 10_000,
})

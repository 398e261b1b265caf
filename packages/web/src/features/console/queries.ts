import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export type Jobs = Awaited<ReturnType<typeof loadJobs>>

const loadJobs = () => client.api.GET('/api/v1/admin/jobs')

export const jobsQuery = queryOptions({ queryKey: ['admin', 'jobs'], queryFn: loadJobs, refetchInterval: 5_000 })

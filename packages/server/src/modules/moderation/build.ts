import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { deleteBansOf } from './bans.repository.ts'
import { type BansDependencies, BansService } from './bans.service.ts'
import { Moderators, type ModeratorsDependencies } from './moderators.ts'
import { NetworkBans } from './network-bans.ts'
import { ReportQueue, type ReportQueueDependencies } from './report-queue.service.ts'
import { emptyReportsOf } from './reports.repository.ts'
import { type ReportsDependencies, ReportsService } from './reports.service.ts'

export type ModerationDependencies = ModeratorsDependencies &
  Omit<BansDependencies & ReportQueueDependencies & ReportsDependencies, 'moderators' | 'networkBans'>

export type Moderation = ReturnType<typeof buildModeration>

export function buildModeration(deps: ModerationDependencies) {
  const moderators = new Moderators(deps)
  const networkBans = new NetworkBans(deps)
  return {
    networkBans,
    bans: new BansService({ ...deps, moderators, networkBans }),
    reports: new ReportsService({ ...deps, moderators }),
    reportQueue: new ReportQueue({ ...deps, moderators }),
  }
}

/** With the account. */
export async function forgetModeration({ tx }: UnitOfWork, userId: string): Promise<void> {
  await deleteBansOf(tx, userId)
  await emptyReportsOf(tx, userId)
}

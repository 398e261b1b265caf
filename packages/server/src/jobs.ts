import type { Clock } from './platform/clock.ts'
import type { DatabaseHandle } from './platform/db/database.ts'
import { defaultPurgeLimits, purgeEvents } from './platform/events/purge.ts'
import { outageOf } from './platform/jobs/outage.ts'
import { PeriodicJob } from './platform/jobs/periodic-job.ts'
import type { Logger } from './platform/log.ts'
import type { Tracer } from './platform/tracing/tracer.ts'
import type { Services } from './services.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** What every process does again and again, after `start`. */
export function buildJobs(
  services: Services,
  { database, now, log, tracer }: { database: DatabaseHandle; now: Clock; log: Logger; tracer: Tracer | undefined },
): PeriodicJob[] {
  const jobs: [name: string, everyMs: number, run: () => Promise<number>][] = [
    ['events.purge', hour, () => purgeEvents(database, defaultPurgeLimits(now()))],
    ['tables.purge', hour, () => services.tables.purgeEvents()],
    ['tables.watch', 5 * second, () => services.tables.feed.lookAgain()],
    ['devices.purge', hour, () => services.devices.purge()],
    ['sessions.purge', hour, () => services.sessions.purge()],
    ['lockout.purge', hour, () => services.lockout.purge()],
    ['audit.watch', minute, () => services.suspicionWatch.run()],
    ['audit.seal', second, () => services.auditChain.seal().then(() => 0)],
    ['webhooks.send', second, () => services.webhookSender.run()],
    ['webhooks.purge', hour, () => services.webhookSender.purge()],
    ['audit.purge', hour, () => services.auditTrail.purge()],
    ['roles.watch', 5 * second, () => services.roles.watch()],
    ['presence.write', second, () => services.attendance.write()],
    ['presence.beat', 10 * second, () => services.attendance.beat()],
    ['presence.look', 10 * second, () => services.presenceWatchers.look()],
    ['mails.purge', hour, () => services.mails.purge()],
    ['notifications.mail', minute, () => services.notificationDigest.run()],
    ['notifications.purge', hour, () => services.purgeNotifications()],
    ['accounts.erase', hour, () => services.erasure.eraseDue()],
    ['registrations.purge', hour, () => services.registration.purge()],
    ['files.reconcile', 24 * hour, () => services.fileReconciliation.run().then(({ orphans }) => orphans.length)],
    ['files.sweep', minute, () => services.files.sweep()],
    ['bans.watch', 5 * second, () => services.networkBans.watch()],
    ['reports.purge', hour, () => services.reportQueue.purge()],
    ['browser_reports.purge', hour, () => services.browserReports.purge()],
    ['bans.purge', hour, () => services.bans.purge()],
    ['friend_requests.purge', hour, () => services.friendRequests.purge()],
    ['conversations.purge', 10 * minute, () => services.messaging.departures.purge()],
    ['messages.beginnings', 5 * second, () => services.messaging.searchBeginnings.run()],
    ['locations.purge', minute, () => services.locations.purge()],
    ['one_time_tokens.purge', hour, () => services.oneTime.purge()],
    ['idempotency.purge', 10 * minute, () => services.idempotency.purge()],
  ]
  const isOutage = outageOf(database)
  return jobs.map(([name, everyMs, run]) => new PeriodicJob({ name, everyMs, run, now, log, tracer, isOutage }))
}

/** What waits to be done, kept in the database. */
export async function queuesOf({ mailAdministration, webhooks }: Services) {
  const [outbox, deliveries] = [await mailAdministration.outbox(), await webhooks.queue()]
  const { waiting, oldest_due, dead: failed } = outbox
  return [
    { name: 'mails', waiting, oldest_due, failed },
    { name: 'webhooks', ...deliveries },
  ]
}

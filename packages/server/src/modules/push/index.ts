import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Logger } from '../../platform/log.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import { PushSender } from './push-sender.ts'
import { PushSubscriptions } from './subscriptions.service.ts'
import { VapidKeys } from './vapid-keys.ts'

export { type PushRoutesDependencies, pushRoutes } from './push.routes.ts'
export { type PushMessage, PushSender } from './push-sender.ts'
export type { PushSubscriptions } from './subscriptions.service.ts'

export interface PushFoundation {
  config: { testing: boolean; push: { subject: string }; secrets: { vapidPrivateKey: string } }
  database: DatabaseHandle
  box: SealedBox
  listEnded(sessionIds: readonly string[]): Promise<string[]>
  now: Clock
  log: Logger
}

/** Everything of this room, put together. */
export function buildPush(foundation: PushFoundation) {
  const { config } = foundation
  const rules = { loopbackAllowed: config.testing }
  const vapidKeys = new VapidKeys({ ...foundation, privateKey: config.secrets.vapidPrivateKey })
  return {
    vapidKeys,
    pushSubscriptions: new PushSubscriptions({ ...foundation, rules }),
    pushSender: new PushSender({ ...foundation, keys: vapidKeys, rules, subject: config.push.subject }),
  }
}

import { forgetAvatar, type Holdings } from './modules/accounts/index.ts'
import type { ApiKeysService } from './modules/api-keys/index.ts'
import type { BrowserReports } from './modules/browser-check/index.ts'
import type { DevicesService } from './modules/devices/index.ts'
import type { FilesService } from './modules/files/index.ts'
import type { MailsService } from './modules/mails/index.ts'
import type { Departures } from './modules/messaging/index.ts'
import type { NotificationsService } from './modules/notifications/index.ts'
import type { IdentitiesService } from './modules/oauth/index.ts'
import type { OneTimeTokens } from './modules/one-time/index.ts'
import type { BlocksService } from './modules/people/index.ts'
import type { LocationsService, PlacesService } from './modules/places/index.ts'
import type { PresenceService } from './modules/presence/index.ts'
import type { PushSubscriptions } from './modules/push/index.ts'
import type { SecondFactors } from './modules/two-factor/index.ts'
import type { Idempotency } from './platform/idempotency/idempotency.ts'

interface Rooms {
  idempotency: Idempotency
  browserReports: BrowserReports
  devices: DevicesService
  oneTime: OneTimeTokens
  secondFactors: SecondFactors
  identities: IdentitiesService
  apiKeys: ApiKeysService
  mails: MailsService
  files: FilesService
  presence: PresenceService
  notifications: NotificationsService
  blocks: BlocksService
  departures: Departures
  places: PlacesService
  locations: LocationsService
  pushSubscriptions: PushSubscriptions
}

/** Which room removes what of an account, when the account changes hands or ends. */
export function addHoldings(holdings: Holdings, rooms: Rooms): void {
  const { idempotency, devices, oneTime, secondFactors, identities, apiKeys, mails, files } = rooms
  const { presence, notifications, pushSubscriptions, blocks, departures, places, locations } = rooms
  holdings.add('devices', ({ tx }, userId) => devices.forgetAll(tx, userId))
  // Answers to what was done before: whoever has the account next asks for none of it.
  holdings.add('devices', (uow, userId) => idempotency.forget(uow, userId))
  holdings.add('devices', ({ tx }, userId) => rooms.browserReports.forget(tx, userId))
  holdings.add('devices', ({ tx }, userId) => oneTime.revokeAll(tx, userId))
  holdings.add('devices', ({ tx }, userId) => pushSubscriptions.forgetAll(tx, userId))
  holdings.add('second_factors', ({ tx }, userId) => secondFactors.removeAll(tx, userId))
  holdings.add('identities', ({ tx }, userId) => identities.removeAll(tx, userId))
  holdings.add('api_keys', (uow, userId) => apiKeys.revokeAll(uow, userId))
  holdings.add('mails', ({ tx }, userId) => mails.forget(tx, userId))
  holdings.add('presence', ({ tx }, userId) => presence.forget(tx, userId))
  holdings.add('notifications', ({ tx }, userId) => notifications.forgetAll(tx, userId))
  holdings.addTold('people', ({ tx }, userId) => blocks.forget(tx, userId))
  holdings.add('files', ({ tx }, userId) => forgetAvatar(tx, userId))
  holdings.add('files', (uow, userId) => files.forgetAll(uow, userId))
  holdings.add('places', ({ tx }, userId) => places.forget(tx, userId))
  holdings.add('places', ({ tx }, userId) => locations.forget(tx, userId))
  holdings.addTold('conversations', (uow, userId) => departures.leaveAll(uow, userId))
}

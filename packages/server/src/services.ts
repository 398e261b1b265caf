import { readFileSync } from 'node:fs'
import { addHoldings } from './account-holdings.ts'
import type { Config } from './config/config.ts'
import {
  AccountAdministration,
  AccountsService,
  AvatarsService,
  accountEvents,
  buildLifeCycle,
  findUser,
  ImportService,
  listPrivacy,
  type PasswordHasher,
  passwordPolicy,
  RegistrationRules,
  roleHolders,
  SetupService,
  userStream,
} from './modules/accounts/index.ts'
import { AdminFiles, buildAdmin } from './modules/admin/index.ts'
import { ApiKeysService, KeyAuthenticator } from './modules/api-keys/index.ts'
import { type AddedAuditTypes, buildAudit } from './modules/audit/index.ts'
import { buildBrowserCheck } from './modules/browser-check/index.ts'
import { DevicesService } from './modules/devices/index.ts'
import { buildExplain } from './modules/explain/index.ts'
import { buildFiles, fileEvents } from './modules/files/index.ts'
import { LimitsService } from './modules/limits/index.ts'
import { Lockout } from './modules/lockout/index.ts'
import { buildMails } from './modules/mails/index.ts'
import {
  buildMessaging,
  directConversations,
  listConversationStreams,
  messagePreviews,
  messagingEvents,
  reportable,
} from './modules/messaging/index.ts'
import { buildModeration, forgetModeration } from './modules/moderation/index.ts'
import { buildNotifications } from './modules/notifications/index.ts'
import { buildOAuth, type ProviderAddresses } from './modules/oauth/index.ts'
import { OneTimeTokens } from './modules/one-time/index.ts'
import {
  askBlocks,
  buildPeople,
  listBlocks,
  listFriendIds,
  listFriendshipsAmong,
  listHiddenFrom,
  listReceiptSenders,
  peopleEvents,
} from './modules/people/index.ts'
import { buildPlaces } from './modules/places/index.ts'
import { buildPresence, listConnected } from './modules/presence/index.ts'
import { buildPush } from './modules/push/index.ts'
import { type PermissionSet, RoleCatalogue, RolesService } from './modules/roles/index.ts'
import { ServiceAccountsService } from './modules/service-accounts/index.ts'
import {
  cookiePolicy,
  SessionDoorkeeper,
  SessionRotation,
  SessionsService,
  sessionGate,
  Tokens,
} from './modules/sessions/index.ts'
import { buildWaysIn } from './modules/sign-in/index.ts'
import { SyncService } from './modules/sync/index.ts'
import { buildTables } from './modules/tables/index.ts'
import {
  FactorChanges,
  FactorEnrolment,
  PasskeyChallenges,
  PasskeyEnrolment,
  Passkeys,
  SecondFactors,
} from './modules/two-factor/index.ts'
import { TypingService } from './modules/typing/index.ts'
import { buildWebhooks } from './modules/webhooks/index.ts'
import type { Clock } from './platform/clock.ts'
import type { DatabaseHandle } from './platform/db/database.ts'
import type { Db } from './platform/db/schema.ts'
import type { EventBus } from './platform/events/event-bus.ts'
import { EventRendering } from './platform/events/event-rendering.ts'
import { findReadableStream } from './platform/events/readable-stream.ts'
import { Cursors } from './platform/http/cursor.ts'
import { Origins } from './platform/http/origins.ts'
import { Idempotency } from './platform/idempotency/idempotency.ts'
import { deriveKeys } from './platform/keys.ts'
import { createRateLimiter } from './platform/limits/create-rate-limiter.ts'
import type { Logger } from './platform/log.ts'
import type { MailTransport } from './platform/mail/mail-transport.ts'
import type { RedisConnection } from './platform/redis/redis.ts'
import { SealedBox } from './platform/sealed-box.ts'
import type { Tracer } from './platform/tracing/tracer.ts'

/** What the services stand on. */
export interface Foundation {
  config: Config
  database: DatabaseHandle
  /** Absent where no REDIS_URL is set. */
  redis: RedisConnection | undefined
  bus: EventBus
  log: Logger
  now: Clock
  hasher: PasswordHasher
  addresses?: ProviderAddresses | undefined
  mailTransport?: MailTransport | undefined
  tracer?: Tracer | undefined
  /** What may be allowed and audited, with what modules of others add. */
  known?: PermissionSet
  addedAuditTypes?: AddedAuditTypes
}

export type Services = ReturnType<typeof buildServices>

const about = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
export const { version } = JSON.parse(about) as { version: string }

/** Every service, built once, from the bottom up: a line may use the lines above it. */
export function buildServices(foundation: Foundation) {
  const { config, database, redis, bus, log, now, hasher, addresses } = foundation
  const keys = deriveKeys(config.secrets.key, config.secrets.oldKeys)
  const cursors = new Cursors(keys.cursor)
  const off = config.rateLimit.profile === 'off'
  const box = new SealedBox(keys.sealing)
  const { limiter, shared } = createRateLimiter({ off, redis, secret: keys.identifier, box, log })
  const policy = passwordPolicy(config.passwordPolicy)

  const tracing = buildAudit({ ...foundation, cursors })
  const { audit, adminReads } = tracing
  const limits = new LimitsService({ database, limiter, audit, adminReads })
  const mailing = buildMails({ ...foundation, keys, cursors, audit, adminReads })
  const { mails } = mailing
  const oneTime = new OneTimeTokens({ database, keys, now })
  const devices = new DevicesService({ database, audit, now })
  const lockout = new Lockout({ database, keys, now, policy: config.lockout })
  const roles = new RoleCatalogue(foundation)
  const roleAdministration = new RolesService({
    database,
    catalogue: roles,
    holders: roleHolders(bus),
    audit,
    now,
  })

  const tokens = new Tokens(keys, config.publicUrl.origin, now)
  const sessionDependencies = { database, tokens, roles, keys, bus, now, audit, policy: config.sessions }
  const sessions = new SessionsService(sessionDependencies)
  const rotation = new SessionRotation({ ...sessionDependencies, sessions, limiter, mails, log })
  const keyAuthenticator = new KeyAuthenticator({ database, roles, audit, bus, log, now })
  const cookies = cookiePolicy(config.tls, config.crossSiteUi)
  const door = new SessionDoorkeeper({
    sessions,
    rotation,
    cookies,
    now,
    keyActor: (key, client) => keyAuthenticator.authenticate(key, client),
  })
  const gate = sessionGate(sessions, cookies)

  const accountBase = {
    ...{ database, sessions, devices, roles, oneTime, lockout, mails, audit, limiter, hasher, policy, keys, bus, now },
    ...{ adminReads, publicUrl: config.publicUrl },
    emailVerification: config.emailVerification,
    deletionGraceDays: () => config.deletionGraceDays,
    rules: new RegistrationRules({ registration: config.registration, now }),
  }
  const accounts = new AccountsService(accountBase)
  const userImport = new ImportService({ database, audit, roles, now })
  const administration = new AccountAdministration(accountBase)
  const lifeCycle = buildLifeCycle({ ...accountBase, accounts })
  const { holdings, registration } = lifeCycle
  const apiKeys = new ApiKeysService({ ...foundation, authenticator: keyAuthenticator, roles, audit, mails })
  const setup = new SetupService({ database, accounts, audit, dataDir: config.dataDir })
  const serviceAccounts = new ServiceAccountsService({ database, roles, keys: apiKeys, audit, adminReads, bus, now })
  const origins = new Origins(config.publicUrl.origin, config.allowedOrigins)
  const secondFactors = new SecondFactors({ database, audit, mails, box, now })
  const changes = new FactorChanges({ database, sessions, audit, mails, now, ...config.sessions })
  const { hostname } = config.publicUrl
  const issuer = `Atrium ${hostname}`
  const factorEnrolment = new FactorEnrolment({ database, sessions, changes, limiter, box, now, issuer })
  const challenges = new PasskeyChallenges({ database, oneTime })
  const party = { id: hostname, name: 'Atrium', origins: () => origins.own }
  const passkeys = new Passkeys({ database, challenges, party, audit, now })
  const waysIn = buildWaysIn({
    ...accountBase,
    registration,
    guestUpgrade: lifeCycle.guestUpgrade,
    factors: secondFactors,
    passkeys,
    allowed: () => config.guestAccounts,
  })

  const countPasswords = async (tx: Db, userId: string) => ((await findUser(tx, userId))?.password_hash ? 1 : 0)
  const { devIssuer, oauth, identities } = buildOAuth({
    ...accountBase,
    ...lifeCycle,
    ...{ config, addresses, signIn: waysIn.signIn, log, allowedOrigins: config.allowedOrigins },
    otherLoginMethods: async (tx, userId) => (await countPasswords(tx, userId)) + (await passkeys.count(tx, userId)),
  })
  const passkeyEnrolment = new PasskeyEnrolment({
    ...{ database, sessions, changes, challenges, party, now },
    otherLoginMethods: async (tx, userId) =>
      (await countPasswords(tx, userId)) + (await identities.countUsable(tx, userId)),
  })

  const presenceRelations = { listBlocks, listPrivacy, listFriendships: listFriendshipsAmong }
  const presence = buildPresence({ database, relations: presenceRelations, bus, limiter, log, now })
  const typing = new TypingService({ bus, hiddenFrom: (userId) => listHiddenFrom(database.db, userId) })

  const previews = messagePreviews(listBlocks)
  const pushing = buildPush({ ...foundation, box, listEnded: (ids) => sessions.listEnded(ids) })
  const { notificationEvents, ...notifying } = buildNotifications({
    ...{ ...foundation, cursors, mails, previews, listBlocks, ...pushing },
    isOnline: async (userIds) => new Set(await listConnected(database.db, database.dialect, userIds)),
  })
  const { notifications } = notifying
  const peopleRoom = buildPeople({
    ...{ database, limiter, cursors, notifications, now },
    conversations: directConversations,
  })
  const { people, relations } = peopleRoom
  const admin = buildAdmin({
    ...accountBase,
    adminReads,
    administration,
    rotation,
    cursors,
    factors: secondFactors,
    mailReset: (uow, row) => lifeCycle.passwordReset.mailTo(uow, row),
    erase: (userId) => lifeCycle.erasure.erase(userId),
  })
  const filing = buildFiles({ ...foundation, keys, cursors })
  const messaging = buildMessaging({
    ...{ database, people, files: filing.files, limiter, cursors, audit, bus, now, listBlocks },
    relations,
    listReceiptSenders,
    notify: (uow, notices) => notifications.notify(uow, notices),
    publicUrl: config.publicUrl,
    editMinutes: () => config.messageEditMinutes,
  })

  const placesRoom = buildPlaces({
    ...{ database, cursors, audit, limiter, now, mostPlaces: () => config.placesPerPerson },
    relations: { listFriendIds, listHiddenFrom },
  })

  const moderation = buildModeration({
    ...{ ...foundation, roles, notifications, adminReads, audit, cursors, limiter, people, sessions, mails },
    ...{ reportable, reach: (actor, userId) => admin.adminUsers.reach(actor, userId) },
  })
  holdings.add('people', forgetModeration)

  const tables = buildTables({ ...foundation, roles, cursors, audit, limiter, box, gate })
  const explaining = buildExplain({ ...foundation, ...tracing, roles, tables: tables.explaining })
  const idempotency = new Idempotency({ database, openRows: () => tables.source.open(), log, now })
  const checking = buildBrowserCheck({ ...foundation, limiter, cursors, cookies })
  addHoldings(holdings, {
    ...{ idempotency, ...checking },
    ...{ files: filing.files, devices, oneTime, secondFactors, identities, apiKeys, mails, notifications },
    ...presence,
    ...pushing,
    blocks: peopleRoom.blocks,
    ...placesRoom,
    departures: messaging.departures,
  })

  const rendering = new EventRendering([
    accountEvents(roles),
    ...peopleEvents,
    ...messagingEvents(askBlocks),
    ...notificationEvents,
    fileEvents,
  ])
  const sources = [findReadableStream(userStream), listConversationStreams]
  const sync = new SyncService({ database, rendering, sources, tables: tables.catchingUp })

  return {
    ...{ cursors, version, redis, sharedLimits: shared },
    ...{ limits, limiter, idempotency, policy, oneTime },
    ...{ ...tracing, ...mailing },
    ...{ roles, devices, lockout, roleAdministration, keyAuthenticator, apiKeys, serviceAccounts },
    ...{ sessions, rotation, door, gate, accounts },
    ...lifeCycle,
    ...{ administration, userImport, setup },
    ...waysIn,
    ...admin,
    ...{ origins, secondFactors, factorEnrolment },
    ...{ passkeys, passkeyEnrolment },
    ...{ devIssuer, oauth, identities, messaging },
    ...peopleRoom,
    ...moderation,
    ...filing,
    adminFiles: new AdminFiles({ database, ...filing, ...admin, audit, adminReads, cursors }),
    ...placesRoom,
    avatars: new AvatarsService({ database, files: filing.files, limiter, audit, now }),
    ...{ ...presence, typing, ...pushing, ...notifying },
    ...buildWebhooks({ ...foundation, box, cursors, audit, adminReads, notifications }),
    ...{ ...explaining, ...checking, tables, rendering, sync },
  }
}

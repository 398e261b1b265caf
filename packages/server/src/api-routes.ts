import type { FastifyPluginAsync } from 'fastify'
import { accountRoutes, lifeCycleRoutes } from './modules/accounts/index.ts'
import { adminUserRoutes, impersonationRoutes } from './modules/admin/index.ts'
import { apiKeyRoutes } from './modules/api-keys/index.ts'
import { browserCheckRoutes } from './modules/browser-check/index.ts'
import { deviceRoutes } from './modules/devices/index.ts'
import { explainRoutes } from './modules/explain/index.ts'
import { filesRoutes } from './modules/files/index.ts'
import { mailRoutes } from './modules/mails/index.ts'
import { Message, messagingRoutes } from './modules/messaging/index.ts'
import { moderationRoutes } from './modules/moderation/index.ts'
import { notificationRoutes } from './modules/notifications/index.ts'
import { identityRoutes, oauthRoutes } from './modules/oauth/index.ts'
import { peopleRoutes } from './modules/people/index.ts'
import { placeRoutes } from './modules/places/index.ts'
import { presenceRoutes } from './modules/presence/index.ts'
import { roleRoutes } from './modules/roles/index.ts'
import { serviceAccountRoutes } from './modules/service-accounts/index.ts'
import { sessionRoutes } from './modules/sessions/index.ts'
import { signInRoutes } from './modules/sign-in/index.ts'
import { syncRoutes } from './modules/sync/index.ts'
import { tableRoutes } from './modules/tables/index.ts'
import { passkeyRoutes, twoFactorRoutes } from './modules/two-factor/index.ts'
import { webhookRoutes } from './modules/webhooks/index.ts'
import type { Services } from './services.ts'

/** What is offered under /api/v1, room by room. */
export const apiRoutes = (services: Services): FastifyPluginAsync[] => [
  sessionRoutes(services),
  deviceRoutes(services.devices),
  accountRoutes(services),
  signInRoutes(services),
  adminUserRoutes(services),
  impersonationRoutes(services.impersonation, services.door),
  twoFactorRoutes(services),
  passkeyRoutes(services),
  oauthRoutes(services, { hidden: false }),
  identityRoutes(services.identities),
  lifeCycleRoutes(services),
  peopleRoutes(services, Message),
  moderationRoutes(services),
  presenceRoutes(services.presence),
  messagingRoutes(services.messaging),
  notificationRoutes(services),
  filesRoutes(services),
  placeRoutes(services),
  syncRoutes(services.sync),
  roleRoutes(services.roleAdministration),
  apiKeyRoutes(services.apiKeys),
  serviceAccountRoutes(services.serviceAccounts),
  mailRoutes(services.mailAdministration),
  tableRoutes(services.tables),
  explainRoutes(services.explaining),
  webhookRoutes(services.webhooks),
  browserCheckRoutes(services),
]

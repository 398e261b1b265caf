import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type AvatarRoutesDependencies, avatarRoutes } from './avatar.routes.ts'
import { type CredentialRoutesDependencies, credentialRoutes } from './credentials.routes.ts'
import { type DeletionRoutesDependencies, deletionRoutes } from './deletion.routes.ts'
import { type ErasureRoutesDependencies, erasureRoutes } from './erasures.routes.ts'
import { type IdentityRoutesDependencies, identityRoutes } from './identity.routes.ts'
import { type RegistrationRoutesDependencies, registrationRoutes } from './registration.routes.ts'

type Dependencies = RegistrationRoutesDependencies &
  AvatarRoutesDependencies &
  CredentialRoutesDependencies &
  IdentityRoutesDependencies &
  DeletionRoutesDependencies &
  ErasureRoutesDependencies

/** From registering to erasing. */
export const lifeCycleRoutes =
  (deps: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(registrationRoutes(deps))
    await app.register(credentialRoutes(deps))
    await app.register(identityRoutes(deps))
    await app.register(deletionRoutes(deps))
    await app.register(erasureRoutes(deps))
    await app.register(avatarRoutes(deps))
  }

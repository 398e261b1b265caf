export { apiKeyRoutes } from './api-keys.routes.ts'
export { ApiKey, ApiKeyPatch, IssuedApiKey, NewApiKey } from './api-keys.schema.ts'
export { ApiKeysService, type KeyOwner } from './api-keys.service.ts'
export { KeyAuthenticator } from './key-authenticator.ts'

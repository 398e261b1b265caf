export { DevIssuer, type DevIssuerDependencies, devClientId } from './dev-issuer.ts'
export { devOidcRoutes } from './dev-oidc.routes.ts'

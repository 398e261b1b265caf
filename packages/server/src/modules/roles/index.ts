export { builtInRoles, permissions } from './permissions.ts'
export { type Role, RoleCatalogue } from './role-catalogue.ts'

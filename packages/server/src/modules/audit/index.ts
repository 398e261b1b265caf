export type { AdminReads } from './admin-reads.ts'
export { auditRoutes } from './audit.routes.ts'
export { type AuditEntry, AuditService } from './audit.service.ts'
export {
  type AddedAuditTypes,
  type AuditType,
  auditCategories,
  auditTypes,
  type ModuleAuditType,
  moduleAuditPattern,
  retentionDays,
} from './audit-types.ts'
export type { AuditVerification } from './audit-verification.schema.ts'
export { buildAudit } from './build-audit.ts'
export type { DeniedAccess } from './denied-access.ts'
export { isChainOurs, latestAudit } from './doctor-facts.ts'
export { chainPosition, findAuditEvent, listSealedEvents, positionOf } from './following.ts'

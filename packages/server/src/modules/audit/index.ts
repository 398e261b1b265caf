export { type AuditEntry, AuditService } from './audit.service.ts'
export { AuditTrail } from './audit-trail.service.ts'
export { type AuditType, auditTypes } from './audit-types.ts'

export { type AuditEntry, AuditService } from './audit.service.ts'
export { type AuditType, auditTypes } from './audit-types.ts'

import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { deriveKeys } from '../../platform/keys.ts'
import type { Logger } from '../../platform/log.ts'
import { AdminReads } from './admin-reads.ts'
import { AuditService } from './audit.service.ts'
import { AuditChain } from './audit-chain.service.ts'
import { AuditTrail } from './audit-trail.service.ts'
import type { AddedAuditTypes } from './audit-types.ts'
import { AuditVerifier } from './audit-verification.service.ts'
import { DeniedAccess } from './denied-access.ts'
import { SuspicionWatch } from './suspicion-watch.ts'

export interface AuditFoundation {
  config: { secrets: { key: string; oldKeys: readonly string[] } }
  database: DatabaseHandle
  cursors: Cursors
  log: Logger
  now: Clock
  addedAuditTypes?: AddedAuditTypes | undefined
}

/** The whole room: who writes down, and who reads. */
export function buildAudit(foundation: AuditFoundation) {
  const { key, oldKeys } = foundation.config.secrets
  const chained = { ...foundation, keys: deriveKeys(key, oldKeys).audit }
  const audit = new AuditService(foundation)
  const adminReads = new AdminReads({ ...foundation, audit })
  return {
    audit,
    adminReads,
    auditTrail: new AuditTrail({ ...foundation, audit, adminReads }),
    deniedAccess: new DeniedAccess({ ...foundation, audit }),
    auditChain: new AuditChain(chained),
    auditVerifier: new AuditVerifier(chained),
    suspicionWatch: new SuspicionWatch({ ...foundation, audit }),
  }
}

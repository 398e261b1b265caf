import type { AuditEntry } from '../src/modules/audit/index.ts'
import { type CallContext, runInContext } from '../src/platform/context.ts'
import type { TestApp } from './test-app.ts'

/** Writes down something that happened in the context of this call. */
export const happened = ({ database, services }: TestApp, entry: AuditEntry, call: Partial<CallContext> = {}) =>
  runInContext({ source: 'http', actor: null, ...call }, () =>
    database.unitOfWork(({ tx }) => services.audit.record(tx, entry)),
  )

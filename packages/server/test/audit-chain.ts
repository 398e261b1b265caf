import { sql } from 'kysely'
import { testEngine } from './databases.ts'
import type { TestApp } from './test-app.ts'

export const eventsOf = ({ database }: TestApp) =>
  database.db.selectFrom('audit_events').selectAll().orderBy('id').execute()
export const sealsOf = ({ database }: TestApp) =>
  database.db.selectFrom('audit_seals').selectAll().orderBy('position').execute()
export const writeTo = (at: TestApp, statement: ReturnType<typeof sql>) =>
  at.database.unitOfWork(({ tx }) => statement.execute(tx))
export const verifyChain = (at: TestApp, head?: string) => at.services.auditVerifier.verify(head)

/** What an administrator of the database can do. */
export async function dropGuards({ database }: TestApp): Promise<void> {
  const names = ['no_update', 'no_delete', 'no_replace', 'no_change', 'no_truncate', 'follow']
  await database.migrationSession(async (db) => {
    for (const name of names) {
      const on = testEngine === 'postgres' ? sql` on audit_events` : sql``
      await sql`drop trigger if exists ${sql.id(`audit_events_${name}`)}${on}`.execute(db)
    }
  })
}

import type { Db } from '../../../platform/db/schema.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type Grant, type TableView } from '../policy/table-view.ts'
import type { TableEntry } from '../registry.ts'
import { names, rowEtag } from './row-etag.ts'
import type { Changes } from './row-input.ts'
import { matching, selectRows } from './select.ts'
import { conflicts, keyCondition, readOne } from './write-checks.ts'

/** Locks the row, that the rules open to this change and the caller knows as it is. */
export async function holdRow(
  db: Db,
  access: TableAccess,
  entry: TableEntry,
  key: readonly string[],
  wanted: { grants: readonly Grant[]; reader: TableView | undefined; sent: Changes; ifMatch: string | undefined },
): Promise<void> {
  const { compiling: context } = access
  const whole = access.whole(entry)
  const alias = context.alias()
  const held = await selectRows(
    db,
    {
      view: whole,
      alias,
      fields: [],
      cells: [],
      where: [matching(whole.key, [key], alias, context), anyOf(wanted.grants, alias, context)],
      exactAsText: false,
      forUpdate: true,
    },
    context,
  )
  const seen = wanted.reader && (await readOne(db, access, wanted.reader, key, false))
  if (held.length === 0) throw seen === undefined ? platformErrors.not_found() : accessErrors.forbidden()
  const { ifMatch, reader } = wanted
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  if (seen !== undefined && names(ifMatch, rowEtag(seen))) return
  throw platformErrors.precondition_failed({
    members: { conflicts: reader ? await conflictsIn(db, access, reader, key, wanted.sent) : [] },
  })
}

/** Of what the caller sees in this row, and nothing else: a value that is hidden cannot be found out by guessing it. */
async function conflictsIn(db: Db, access: TableAccess, reader: TableView, key: readonly string[], sent: Changes) {
  const alias = access.compiling.alias()
  const fields = [...reader.readable.values()]
  const where = [keyCondition(access, reader.entry, [key], alias), reader.visible(alias)]
  const query = { view: reader, alias, fields, cells: fields, where, exactAsText: true }
  const [row] = await selectRows(db, query, access.compiling)
  if (!row) return []
  const current = new Map(fields.map(({ column }, index) => [column.name, row.cells[index] ?? null]))
  return conflicts(JSON.parse(row.json), current, sent)
}

import type { Db } from '../../../platform/db/schema.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import { parseKeepingDigits } from '../exact-json.ts'
import { listRevisions } from '../history/revisions.repository.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type Grant, type TableView } from '../policy/table-view.ts'
import { hasHistory, type TableEntry } from '../registry.ts'
import { showImages } from './image-rows.ts'
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
    members: { conflicts: reader ? await conflictsIn(db, access, reader, key, { sent: wanted.sent, ifMatch }) : [] },
  })
}

/** Of what the caller sees in this row, and nothing else: a value that is hidden cannot be found out by guessing it. */
async function conflictsIn(
  db: Db,
  access: TableAccess,
  reader: TableView,
  key: readonly string[],
  { sent, ifMatch }: { sent: Changes; ifMatch: string },
) {
  const alias = access.compiling.alias()
  const fields = [...reader.readable.values()]
  const where = [keyCondition(access, reader.entry, [key], alias), reader.visible(alias)]
  const query = { view: reader, alias, fields, cells: fields, where, exactAsText: false }
  const [row] = sent.size > 0 ? await selectRows(db, query, access.compiling) : []
  if (!row) return []
  const current = new Map(fields.map(({ column }, index) => [column.name, row.cells[index] ?? null]))
  const base = await rowKnownAs(db, access, reader, key, ifMatch)
  return conflicts({ base, theirs: parseRow(row.json) }, current, sent)
}

/** The row as it was when the caller saw it last, where what it was like is kept. */
async function rowKnownAs(
  db: Db,
  access: TableAccess,
  reader: TableView,
  key: readonly string[],
  ifMatch: string,
): Promise<Record<string, unknown> | undefined> {
  if (!hasHistory(reader.entry) || !access.snapshot.books) return undefined
  const fields = [...reader.readable.values()]
  const images = (await listRevisions(db, reader.table, key)).map(({ image }) => image)
  const shown = await showImages(db, access, reader, images, { fields, exactAsText: false })
  const known = [...shown.values()].find(({ json }) => names(ifMatch, rowEtag(json)))
  return known && parseRow(known.json)
}

const parseRow = (json: string) => parseKeepingDigits(json) as Record<string, unknown>

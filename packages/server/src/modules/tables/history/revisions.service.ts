import type { Actor } from '../../../platform/actor.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import type { SealedBox } from '../../../platform/sealed-box.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { hasHistory } from '../registry.ts'
import { type ShownImage, showImages } from '../rows/image-rows.ts'
import type { ReadingService } from '../rows/reading.service.ts'
import { parseKey } from '../rows/row-key.ts'
import { matching, selectRows } from '../rows/select.ts'
import { writable } from '../rows/write-checks.ts'
import type { WriteOptions, WritingService } from '../rows/writing.service.ts'
import type { WrittenRow } from '../rows/written-rows.ts'
import { findRevision, listRevisions, type Revision } from './revisions.repository.ts'
import type { RowRevision } from './revisions.schema.ts'

export interface RevisionsDependencies extends CallerAccessDependencies {
  reading: ReadingService
  writing: WritingService
  box: SealedBox
}

interface Place {
  access: TableAccess
  view: TableView
  key: readonly string[]
  /** The row as the caller sees it now, in the order of the view's columns. */
  now: readonly (string | null)[]
}

/** What rows were like before, as far as the caller may see it today. */
export class RevisionsService {
  readonly #deps: RevisionsDependencies

  constructor(deps: RevisionsDependencies) {
    this.#deps = deps
  }

  /** Newest first. Throws not_found, also where no history is kept or the row is not seen. */
  async list(actor: Actor, table: string, keyText: string, exactAsText: boolean): Promise<RowRevision[]> {
    const { access, view, key } = await this.#find(actor, table, keyText)
    return this.#deps.reading.guarded(access, async () => {
      const kept = await listRevisions(access.snapshot.handle.db, table, key)
      const shown = await this.#show(access, view, kept, exactAsText)
      return kept.flatMap((revision, index): RowRevision[] => {
        const image = shown.get(index)
        // Where only columns were changed that the caller does not see, there is nothing to show, nor to count.
        const { action, changedBy, at } = revision
        if (!image || (action === 'update' && isSame(image, shown.get(index + 1)))) return []
        return [
          {
            rev: this.#seal(access, table, key, revision.rev),
            action: action === 'update' && index + 1 < kept.length && !shown.has(index + 1) ? 'insert' : action,
            changed_by: access.caller.isFull || changedBy === access.caller.userId ? changedBy || null : null,
            created_at: at,
            record: JSON.parse(image.json),
          },
        ]
      })
    })
  }

  /** Writes what it was again, by the caller's own rules. Throws not_found, forbidden and what every update may throw. */
  async revert(actor: Actor, table: string, keyText: string, rev: string, options: WriteOptions): Promise<WrittenRow> {
    const { access, view, key, now } = await this.#find(actor, table, keyText)
    const body = await this.#deps.reading.guarded(access, async () => {
      const revision = await findRevision(access.snapshot.handle.db, table, key, this.#open(access, table, key, rev))
      const image = revision && (await this.#show(access, view, [revision], true)).get(0)
      if (!image) throw platformErrors.not_found()
      const record = JSON.parse(image.json) as Record<string, unknown>
      const others = [...view.readable.values()].filter(
        ({ column }, index) => !column.generated && image.cells[index] !== now[index],
      )
      return Object.fromEntries(others.map(({ column }) => [column.name, record[column.name] ?? null]))
    })
    const writer = writable(access, table, 'update')
    if (!Object.keys(body).every((name) => writer.mayWrite(name))) throw accessErrors.forbidden()
    return this.#deps.writing.update(actor, table, keyText, body, { ...options, replace: false })
  }

  async #find(actor: Actor, table: string, keyText: string): Promise<Place> {
    const access = await accessOf(this.#deps, actor)
    const view = access.view(table, 'get')
    if (!hasHistory(view.entry) || !access.snapshot.books) throw platformErrors.not_found()
    const key = parseKey(view, keyText)
    const alias = access.compiling.alias()
    const cells = [...view.readable.values()]
    const where = [matching(view.key, [key], alias, access.compiling), view.visible(alias)]
    const query = { view, alias, fields: [], cells, where, exactAsText: false }
    const [row] = await this.#deps.reading.guarded(access, () =>
      selectRows(access.snapshot.handle.db, query, access.compiling),
    )
    if (!row) throw platformErrors.not_found()
    return { access, view, key, now: row.cells }
  }

  #show(access: TableAccess, view: TableView, kept: readonly Revision[], exactAsText: boolean) {
    const images = kept.map(({ image }) => image)
    const fields = [...view.readable.values()]
    return showImages(access.snapshot.handle.db, access, view, images, { fields, exactAsText })
  }

  /** Sealed: numbers would count changes that are not seen. */
  #seal(access: TableAccess, table: string, key: readonly string[], rev: number): string {
    return this.#deps.box.seal(String(rev).padStart(12, '0'), purposeOf(access, table, key))
  }

  #open(access: TableAccess, table: string, key: readonly string[], rev: string): number {
    try {
      return Number(this.#deps.box.open(rev, purposeOf(access, table, key)))
    } catch {
      throw platformErrors.not_found()
    }
  }
}

const purposeOf = ({ caller }: TableAccess, table: string, key: readonly string[]): string =>
  JSON.stringify(['revision', caller.userId, table, key])

const isSame = (image: ShownImage, older: ShownImage | undefined): boolean =>
  older?.cells.every((cell, index) => cell === image.cells[index]) ?? false

import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { DatabaseConfig } from '../../platform/db/database-url.ts'
import { TablesSource } from '../../platform/db/tables/tables-source.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { defaultPurgeLimits, purgeEvents } from '../../platform/events/purge.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import type { SocketGate } from '../../platform/realtime/gate.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import type { AuditService } from '../audit/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { RowsAhead } from './batch/rows-ahead.ts'
import { ColumnEditingService } from './column-editing.service.ts'
import { TableDescriptions } from './describing/table-description.ts'
import { ExposureService } from './exposure.service.ts'
import { DeletedRowsService } from './history/deleted-rows.service.ts'
import { RevisionsService } from './history/revisions.service.ts'
import { CatchingUp } from './live/catching-up.ts'
import { LiveCursors } from './live/live-cursors.ts'
import { RowFeed } from './live/row-feed.ts'
import { TablesRegistry } from './registry.ts'
import { AggregateService } from './rows/aggregate.service.ts'
import { ReadingService } from './rows/reading.service.ts'
import { SetChangesService } from './rows/set-changes.service.ts'
import { UpsertService } from './rows/upsert.service.ts'
import { WritingService } from './rows/writing.service.ts'
import { RuleTesting } from './rule-testing.ts'
import { TableExplaining } from './table-explaining.ts'
import { TableMakingService } from './table-making.service.ts'
import { TablesService } from './tables.service.ts'
import { ExportService } from './transfer/export.service.ts'
import { ImportService } from './transfer/import.service.ts'
import { TableFileService } from './transfer/table-file.service.ts'

export interface TablesDependencies {
  config: { database: DatabaseConfig; tables: DatabaseConfig; dataDir: string }
  database: DatabaseHandle
  log: Logger
  roles: RoleCatalogue
  cursors: Cursors
  audit: AuditService
  limiter: RateLimiter
  bus: EventBus
  box: SealedBox
  /** What sockets know of their callers. */
  gate: Pick<SocketGate, 'current' | 'rightsChanged'>
  now: Clock
}

export function buildTables(deps: TablesDependencies) {
  const { config, database, log, roles, cursors, audit, limiter, bus, box, gate, now } = deps
  const source = new TablesSource({ config: config.tables, main: database, mainConfig: config.database, log })
  const registry = new TablesRegistry({ database, source, bus })
  const withInherited = (names: readonly string[]) => roles.withInherited(names)
  const callers = { registry, withInherited, now }
  const reading = new ReadingService({ ...callers, cursors })
  const writing = new WritingService({ ...callers, reading, bus })
  const upserts = new UpsertService({ ...callers, reading, bus })
  const permissionsOf = (names: readonly string[]) => roles.permissionsOf(names)
  const testing = new RuleTesting({ reading, writing, withInherited, permissionsOf, now })
  const unknownRoles = async (names: readonly string[]) => {
    const all = await roles.roles()
    return names.filter((name) => !all.has(name))
  }
  const exposure = new ExposureService({ database, registry, testing, unknownRoles, audit, now })
  const tables = new TablesService(callers)
  const aggregates = new AggregateService({ ...callers, reading })
  const feed = new RowFeed({
    ...{ ...callers, cursors: new LiveCursors(box), bus, log },
    current: (actor) => gate.current(actor),
    rightsChanged: gate.rightsChanged,
  })
  const deleted = new DeletedRowsService({ ...callers, database, reading, cursors, audit, bus })
  return {
    registry,
    deleted,
    feed,
    revisions: new RevisionsService({ ...callers, reading, writing, box }),
    catchingUp: new CatchingUp({ feed, cursors: new LiveCursors(box) }),
    /** Of rows, as long as those of ours are kept; and rows that were deleted long ago. */
    purgeEvents: async () => {
      const { books } = await source.open()
      if (!books) return 0
      return (await purgeEvents(books.handle, defaultPurgeLimits(now()))) + (await deleted.purgeOld())
    },
    source,
    tables,
    reading,
    writing,
    upserts,
    ahead: new RowsAhead(callers),
    sets: new SetChangesService({ ...callers, reading, bus }),
    aggregates,
    describing: new TableDescriptions(callers),
    explaining: new TableExplaining({ ...callers, tables, reading, writing, aggregates, upserts, deleted }),
    exposure,
    exporting: new ExportService({ ...callers, database, reading, limiter, audit }),
    importing: new ImportService({ ...callers, database, writing, upserts, limiter, audit }),
    columns: new ColumnEditingService({ database, registry, exposure, audit }),
    making: new TableMakingService({ database, registry, exposure, audit }),
    tableFiles: new TableFileService({ database, registry, exposure, audit, dataDir: config.dataDir }),
  }
}

export type Tables = ReturnType<typeof buildTables>

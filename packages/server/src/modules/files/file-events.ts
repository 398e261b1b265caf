import { defineEvent, type EventRenderer } from '../../platform/events/event-types.ts'
import { listFilesById } from './files.repository.ts'
import { StoredFile } from './files.schema.ts'
import { render } from './rendering.ts'

/** A file of one’s own can be used, however it was uploaded. */
export const fileReady = defineEvent('file.ready', StoredFile)

/** In the stream of the owner only. */
export const fileEvents: EventRenderer = {
  types: [fileReady],
  async render(db, events) {
    const ids = [...new Set(events.map(({ refs }) => String(refs.file_id)))]
    const rows = new Map((await listFilesById(db, ids)).map((row) => [row.id, render(row)]))
    return events.map(({ refs }) => rows.get(String(refs.file_id)))
  },
}

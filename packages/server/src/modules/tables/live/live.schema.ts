/** The stream of a table's rows. */
export const rowStream = (table: string): string => `table:${table}`

/** What its events are called. */
export const rowChanged = 'data.changed'

/** A table of TABLES_URL that an administrator has looked at; without a row it is not exposed. */
export interface DataTablesTable {
  name: string
  /** JSON of what is set: exposure, rules, owner column. */
  settings: string
  version: number
  created_at: string
  updated_at: string
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { TableSum } from '../../platform/db/transfer/dump.ts'
import type { SealingKeys } from '../../platform/keys.ts'

/** The first line of a backup. */
export interface BackupHead {
  atrium_backup: 1
  version: string
  created_at: string
  migrations: string[]
  /** Of the SECRET_KEY; see `isMarkedBy`. */
  key_mark: string
}

/** What lies beside the data of an installation and is in no backup. */
export interface LeftOut {
  /** Names of tables of others in Atrium's database. */
  tables: string[]
  /** Whether TABLES_URL names a database of its own. */
  tables_url: boolean
}

export interface Manifest {
  created_at: string
  version: string
  tables: Record<string, TableSum>
  objects: number
  object_bytes: number
  /** Objects that were removed while this was written. */
  missing: string[]
  /** Whether the file of the offered tables is in it. */
  tables_file: boolean
  left_out: LeftOut
}

export const rowsOf = ({ tables }: Manifest): number => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0)

const mark = (key: Buffer): Buffer => createHmac('sha256', key).update('backup').digest()

export const keyMark = ([key]: SealingKeys): string => mark(key).toString('hex')

/** Whether what is sealed in a backup was sealed by one of these keys. */
export const isMarkedBy = ({ key_mark }: BackupHead, keys: SealingKeys): boolean => {
  const told = Buffer.from(String(key_mark), 'hex')
  return keys.some((key) => told.length === 32 && timingSafeEqual(told, mark(key)))
}

/** How far a long work is; `total` is what `done` will be in the end. */
export type Progress = (step: string, done: number, total: number) => void

import type { AdminTable, TableSettings } from '@atrium/client'

/** What each part of the settings gets. */
export interface SettingsPart {
  table: AdminTable
  settings: TableSettings
  onChange: (settings: TableSettings) => void
  isDisabled: boolean
}

/** Without the keys that are empty: what is not set is as by default. */
export const without = <T extends object>(value: T, key: keyof T): T =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as T

/** What an administrator changed of the settings, over what the version has as its defaults. */
export interface SettingsTable {
  name: string
  value: string
  updated_by: string | null
  updated_at: string
}

/** Every change, the undone ones too; null: the default. */
export interface SettingChangesTable {
  id: string
  name: string
  old_value: string | null
  new_value: string | null
  changed_by: string | null
  changed_at: string
}

/** What everybody is told, for a time. */
export interface AnnouncementsTable {
  id: string
  /** `info`, `warning` or `critical`. */
  level: string
  text: string
  starts_at: string
  /** null: until it is taken back. */
  ends_at: string | null
  /** 1: each person may hide it. */
  dismissible: number
  created_by: string
  created_at: string
  updated_at: string
  version: number
}

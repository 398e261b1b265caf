import { type Manifest, rowsOf } from '../modules/backups/index.ts'

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

function contents(manifest: Manifest): string {
  const { tables, objects, object_bytes, tables_file } = manifest
  const files = `${objects} files (${megabytes(object_bytes)})`
  const offered = tables_file ? ', and the tables of the data folder' : ''
  return `${rowsOf(manifest)} rows of ${Object.keys(tables).length} tables, ${files}${offered}`
}

function remarks({ missing, left_out }: Manifest): string[] {
  const { tables, tables_url } = left_out
  const some = `${tables.slice(0, 5).join(', ')}${tables.length > 5 ? ', …' : ''}`
  return [
    ...(missing.length > 0 ? [`${missing.length} files had no bytes, or were removed meanwhile.`] : []),
    ...(tables.length > 0
      ? [
          `Not in it: ${tables.length} tables that are not Atrium's own (${some}). Back them up with the database's tools.`,
        ]
      : []),
    ...(tables_url ? ['Not in it: the database that TABLES_URL names. Back it up with its own tools.'] : []),
  ]
}

export const backupMade = (file: string, manifest: Manifest): string =>
  [
    `${file} holds ${contents(manifest)}.`,
    ...remarks(manifest),
    'Not in it: SECRET_KEY and the other settings. Keep them too, in another place.',
  ].join('\n')

export const backupWhole = (file: string, manifest: Manifest): string =>
  [`${file} is whole: ${contents(manifest)}, as they were at ${manifest.created_at}.`, ...remarks(manifest)].join('\n')

export const backupRestored = (manifest: Manifest): string =>
  [
    `Restored as it was at ${manifest.created_at}: ${contents(manifest)}. Every row was compared.`,
    ...remarks(manifest),
    'Start the server.',
  ].join('\n')

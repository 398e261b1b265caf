export { type BackupSource, writeBackup } from './backup.ts'
export { type Manifest, type Progress, rowsOf } from './manifest.ts'
export { readBackup } from './read-backup.ts'
export { type RestoreTarget, restoreBackup } from './restore.ts'

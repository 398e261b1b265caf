import type { ReconciliationResult } from '../modules/files/index.ts'

/** What was found, in words. */
export function reconciled(
  { objects, files, orphans, missing, recounted }: ReconciliationResult,
  dryRun: boolean,
): string {
  const removed = dryRun ? 'would be removed' : 'were removed'
  const lines = [
    `${files} files, ${objects} objects in the storage.`,
    `${orphans.length} objects that no file has ${removed}.`,
    `${recounted} people had a wrong count of bytes.`,
    `${missing.length} files miss their bytes${missing.length > 0 ? ':' : '.'}`,
  ]
  return [...lines, ...missing.map((id) => `  ${id}`)].join('\n')
}

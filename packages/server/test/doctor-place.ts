import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examine } from '../src/doctor/examine.ts'
import { type Machine, machineOf } from '../src/doctor/machine-checks.ts'
import { silent } from './databases.ts'

export type Variables = Record<string, string>

export const secretKey = 'kdjfhg8374hgf-2389rhfwe-9283hfwei7'
export const nowhere = 'localhost:1'
export const plenty = { free: 500e9, size: 1e12 }
export const thisMachine = machineOf(process)
/** A machine that has all that is wanted. */
export const roomy: Machine = {
  ...thisMachine,
  openFiles: () => 65_536,
  disk: () => ({ ...plenty, isInMemory: false }),
}

export const ask = (variables: Variables, machine = roomy, now = () => new Date()) =>
  examine(variables, { log: silent, now, machine, folder: '/' })
export const idsOf = async (...question: Parameters<typeof ask>) =>
  (await ask(...question)).findings.map(({ id }) => id)

/** A folder on a disk, and the settings of an empty place where nothing is wrong. */
export function wellPlace(): { folder: string; well(): Variables; drop(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-doctor-'))
  return {
    folder,
    well: () => ({ SECRET_KEY: secretKey, DATA_DIR: join(folder, 'data') }),
    drop: () => rmSync(folder, { recursive: true, force: true }),
  }
}

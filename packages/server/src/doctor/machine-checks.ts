import { randomUUID } from 'node:crypto'
import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import { type Finding, found } from './findings.ts'

/** What is asked of the machine; tests say other things. */
export interface Machine {
  nodeVersion: string
  openFiles(): number | undefined
  knowsZone(zone: string): boolean
  disk(folder: string): { free: number; size: number; isInMemory: boolean }
}

const inMemory = 0x01021994

export const machineOf = ({ versions, report }: NodeJS.Process): Machine => ({
  nodeVersion: versions.node,
  openFiles() {
    const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft: number | string } } }
    const soft = userLimits?.open_files?.soft
    return typeof soft === 'number' ? soft : undefined
  },
  knowsZone(zone) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone === zone
    } catch {
      return false
    }
  },
  disk(folder) {
    const { bavail, blocks, bsize, type } = statfsSync(folder)
    return { free: bavail * bsize, size: blocks * bsize, isInMemory: type === inMemory }
  },
})

const oldestNode = [22, 18] as const
const fewFiles = 4096
const gibibyte = 1024 ** 3

export function judgeMachine(config: Config, machine: Machine): (Finding | undefined)[] {
  const [major = 0, minor = 0] = machine.nodeVersion.split('.').map(Number)
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])
  const files = machine.openFiles()
  return [
    isOld
      ? found('node_version', `It is ${machine.nodeVersion}, and ${oldestNode.join('.')} is the oldest.`)
      : undefined,
    machine.knowsZone('Europe/Zurich') ? undefined : found('time_zones_missing', 'Europe/Zurich is not known.'),
    files !== undefined && files < fewFiles
      ? found('open_files_few', `The limit is ${files}, and ${fewFiles} are wanted at least.`)
      : undefined,
    ...judgeFolder(config, machine),
  ]
}

function judgeFolder({ dataDir, production }: Config, machine: Machine): (Finding | undefined)[] {
  const problem = writeProblem(dataDir)
  if (problem) return [found('data_dir_unwritable', `${dataDir}: ${problem}`)]
  const { free, size, isInMemory } = machine.disk(nearest(dataDir))
  const key = join(dataDir, 'secret-key')
  const isReadable = existsSync(key) && (statSync(key).mode & 0o077) !== 0
  const freeGiB = Math.round((free / gibibyte) * 10) / 10
  return [
    isReadable ? found('secret_key_readable', key) : undefined,
    production && isInMemory ? found('data_dir_in_memory', dataDir) : undefined,
    free < gibibyte || free < size * 0.03
      ? found('disk_almost_full', `${freeGiB} GiB are free, ${Math.floor((free / size) * 100)} % of it.`)
      : undefined,
  ]
}

/** The folder, or the first one above it that is there: the others are made at the first start. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

function writeProblem(folder: string): string | undefined {
  const file = join(nearest(folder), `.doctor-${randomUUID()}`)
  try {
    writeFileSync(file, 'written by atrium doctor', { mode: 0o600 })
    rmSync(file)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}

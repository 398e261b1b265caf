import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import { examineDatabase } from './database-checks.ts'
import type { Finding, Severity } from './findings.ts'
import { judgeMachine, type Machine } from './machine-checks.ts'
import { examineModules } from './module-checks.ts'
import { examineMail, examineProviders, examinePublicUrl, examineRedis, examineStorage } from './service-checks.ts'
import { judgeSettings, readSettings } from './setting-checks.ts'

export interface Examiner {
  log: Logger
  now: Clock
  machine: Machine
  /** Where the paths of MODULES begin. */
  folder: string
}

export interface Examination {
  /** False where something does not work or is not safe. */
  ok: boolean
  /** The worst first. */
  findings: Finding[]
}

const order: readonly Severity[] = ['error', 'warning', 'note']

/** Looks at everything the server will stand on, and changes nothing. */
export async function examine(
  variables: Readonly<Record<string, string | undefined>>,
  { log, now, machine, folder }: Examiner,
): Promise<Examination> {
  const settings = readSettings(variables)
  if ('refused' in settings) return conclusion(settings.refused)
  const { config } = settings
  const key = join(config.dataDir, 'secret-key')
  if (config.secrets.key === '' && existsSync(key)) config.secrets.key = readFileSync(key, 'utf8').trim()
  const { modules, findings } = await examineModules(config.modules, folder, variables)
  const seen = [...judgeSettings(config), ...judgeMachine(config, machine), ...findings]
  const found = await Promise.all([
    examineDatabase(config, { log, now, modules }),
    examineRedis(config),
    examineStorage(config),
    examineMail(config),
    examineProviders(config, { log, now }),
    examinePublicUrl(config),
  ])
  return conclusion([...seen, ...found.flat()].filter((finding) => finding !== undefined))
}

const conclusion = (findings: readonly Finding[]): Examination => ({
  ok: findings.every(({ severity }) => severity !== 'error'),
  findings: findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)),
})

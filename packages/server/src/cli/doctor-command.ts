import type { Command } from 'commander'
import { type Examination, examine } from '../doctor/examine.ts'
import type { Machine } from '../doctor/machine-checks.ts'
import { systemClock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'

const help = `
Looks at the settings, the modules, this machine, the database, Redis, the storage of files, the mail server, the providers of sign-in
and PUBLIC_URL, as the server would use them, and changes nothing. Each finding has a name that stays the same:
docs/guide/doctor.md lists them. It may run beside the server, and before the first start.

The exit code is 1 where something does not work or is not safe; with --strict also for warnings.

  atrium doctor
  atrium --json doctor --strict`

export interface DoctorCommandTools {
  log: Logger
  environment: Readonly<Record<string, string | undefined>>
  machine: Machine
  /** Where the paths of MODULES begin. */
  currentFolder: string
  report(command: Command, json: unknown, words: string): void
  fail(): never
}

export function addDoctorCommand(
  program: Command,
  { log, environment, machine, currentFolder, report, fail }: DoctorCommandTools,
): void {
  program
    .command('doctor')
    .description('find what is wrong with settings, machine and services, and say what to do')
    .option('--strict', 'fail for warnings, too')
    .addHelpText('after', help)
    .action(async ({ strict }: { strict?: boolean }, command: Command) => {
      const examination = await examine(environment, { log, now: systemClock, machine, folder: currentFolder })
      report(command, examination, wordsOf(examination))
      const isBad = strict && examination.findings.some(({ severity }) => severity === 'warning')
      if (!examination.ok || isBad) fail()
    })
}

function wordsOf({ findings }: Examination): string {
  if (findings.length === 0) return 'Nothing is wrong.'
  return findings
    .map(({ id, severity, title, detail, cure }) => `${severity.toUpperCase()} ${id}: ${title}\n  ${detail}\n  ${cure}`)
    .join('\n\n')
}

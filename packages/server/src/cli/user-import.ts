import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { accountErrors, type ImportRemark, type ImportService } from '../modules/accounts/index.ts'

export interface UserImportOptions {
  dryRun: boolean
  json: boolean
  print(text: string): void
  /** Read where the file is named `-`. */
  stdin: Readable
}

/** Prints what became of the file while it is read, and answers whether every row is an account now. */
export async function importUsers(
  service: ImportService,
  file: string,
  { dryRun, json, print, stdin }: UserImportOptions,
): Promise<boolean> {
  const input = file === '-' ? stdin : createReadStream(file)
  const report = json ? jsonReport(print) : textReport(print, dryRun)
  try {
    const counts = await service.run(input, { dryRun, onRemark: report.remark })
    report.end({ ...counts, dry_run: dryRun })
    return counts.failed === 0
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    const unread = syscall && accountErrors.import_unreadable({ detail: `${file} cannot be read (${code})`, cause })
    const error = unread || (cause as Error)
    report.end({ error: error.message, dry_run: dryRun })
    throw error
  }
}

type Ending = { dry_run: boolean } & ({ created: number; existing: number; failed: number } | { error: string })

function textReport(print: (text: string) => void, dryRun: boolean) {
  return {
    remark({ row, status, problems }: ImportRemark) {
      if (status === 'existing') return print(`row ${row}: is there already\n`)
      for (const { pointer, message } of problems)
        print(`row ${row}: ${pointer.slice(1)}${pointer && ': '}${message}\n`)
    },
    end(ending: Ending) {
      if ('error' in ending) return
      const { created, existing, failed } = ending
      const done = dryRun ? 'Nothing was written. To be created' : 'Created'
      print(`${done}: ${created}. There already: ${existing}. Failed: ${failed}.\n`)
    },
  }
}

/** One JSON object, written piece by piece: a file may have more problems than memory. */
function jsonReport(print: (text: string) => void) {
  let isFirst = true
  return {
    remark({ row, status, problems }: ImportRemark) {
      const line = JSON.stringify({
        row,
        status,
        problems: problems.map(({ pointer, code, message }) => ({ field: pointer.slice(1) || null, code, message })),
      })
      print(`${isFirst ? '{"rows":[' : ','}${line}`)
      isFirst = false
    },
    end(ending: Ending) {
      print(`${isFirst ? '{"rows":[' : ''}],${JSON.stringify(ending).slice(1)}\n`)
    },
  }
}

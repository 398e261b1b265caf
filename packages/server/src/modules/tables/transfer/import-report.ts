import { type AppError, type FieldError, platformErrors } from '../../../platform/errors.ts'
import type { RowProblem, TableImport } from './transfer.schema.ts'

const shownProblems = 100

/** What became of the rows of a file. */
export class ImportReport {
  readonly #dryRun: boolean
  readonly #columns: TableImport['columns']
  readonly #errors: RowProblem[] = []
  #stopped: string | null = null
  rows = 0
  created = 0
  updated = 0
  failed = 0

  constructor(dryRun: boolean, columns: TableImport['columns']) {
    this.#dryRun = dryRun
    this.#columns = columns
  }

  /** What is wrong with one row. */
  add(problems: readonly RowProblem[]): void {
    this.failed++
    for (const problem of problems) if (this.#errors.length < shownProblems) this.#errors.push(problem)
  }

  refused(row: number, error: AppError): void {
    this.add(ImportReport.problemsOf(row, error))
  }

  stop(why: string): void {
    this.#stopped = why
  }

  toImport(): TableImport {
    const { rows, created, updated, failed } = this
    const errors = [...this.#errors]
    return {
      dry_run: this.#dryRun,
      rows,
      created,
      updated,
      failed,
      errors,
      stopped: this.#stopped,
      columns: this.#columns,
    }
  }

  toError(): AppError {
    const { rows, failed } = this
    const needing = failed === 1 ? '1 row needs' : `${failed} rows need`
    const errors = this.#errors.map(({ field, ...problem }) => ({
      ...{ pointer: `/${problem.row}${field === null ? '' : `/${field}`}`, field },
      ...problem,
    }))
    const detail = `${needing} attention; nothing was imported`
    return platformErrors.validation_failed({ detail, members: { rows, failed, errors } })
  }

  /** As a request with this row alone would be refused. */
  static problemsOf(row: number, error: AppError): RowProblem[] {
    const errors = error.members.errors as readonly FieldError[] | undefined
    if (!errors || errors.length === 0) return [{ row, field: null, code: error.code, message: error.message }]
    return errors.map(({ pointer, code, message }) => {
      const field = pointer.slice(1)
      return { row, field: field === '' ? null : field.replaceAll('~1', '/').replaceAll('~0', '~'), code, message }
    })
  }
}

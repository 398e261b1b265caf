import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** A folder for databases and logs, on the machine's disk: what a commit costs there is part of the measurement. */
export const newWorkFolder = () => mkdtempSync(join(tmpdir(), 'atrium-bench-'))

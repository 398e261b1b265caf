import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const generateSecret = (): string => randomBytes(32).toString('base64url')

/** The folder of the data, for its owner only, and the key in it where none is set. */
export function prepareData(config: { dataDir: string; secrets: { key: string } }): void {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  chmodSync(config.dataDir, 0o700)
  if (config.secrets.key === '') config.secrets.key = readOrMakeSecret(config.dataDir)
}

/** The key of a development server: made once, kept in DATA_DIR for its owner only. */
export function readOrMakeSecret(dataDir: string): string {
  const file = join(dataDir, 'secret-key')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    try {
      writeFileSync(file, generateSecret(), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      // Another process made it first; both must use that one.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return readFileSync(file, 'utf8').trim()
}

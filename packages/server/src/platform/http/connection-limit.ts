import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'

/** For the database, files that are stored and sent, mails, Redis, and what is loaded when it is first needed. */
const keptFiles = 128
const fewestConnections = 32

/**
 * A connection too many is closed at once. Each is an open file: without a limit they would take those the server needs
 * itself, and a package that could not be opened at its first use is never tried again by Node.
 */
export function limitConnections(server: Server): void {
  const openFiles = mostOpenFiles()
  if (openFiles === undefined) return
  server.maxConnections = Math.max(fewestConnections, openFiles - keptFiles)
  // Else several workers that are full hand it to each other for as long as it waits. Its types do not know it yet.
  Object.assign(server, { dropMaxConnection: true })
}

/** How many files this process may have open; undefined where that is not told. */
function mostOpenFiles(): number | undefined {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}

import { CompiledQuery } from 'kysely'
import type { Ask } from './dialect.ts'
import { forReading, SessionDriver, type SessionSource } from './driver.ts'
import type { Session } from './session.ts'

/**
 * Reads as everybody does, for statements that Kysely has written before. `atHand`: a session that all may read in, so that
 * none is lent and nobody waits.
 */
export function askOf(source: SessionSource, elsewhere: () => Session | undefined, atHand?: Session): Ask {
  const driver = new SessionDriver(forReading(source, elsewhere))
  const inTurn: Ask = async (sql, parameters) => {
    const connection = await driver.acquireConnection()
    try {
      return (await connection.executeQuery(CompiledQuery.raw(sql, [...parameters]))).rows
    } finally {
      connection.release()
    }
  }
  const now = atHand?.executeNow?.bind(atHand)
  if (!now) return inTurn
  return (sql, parameters) => {
    if (elsewhere()) return inTurn(sql, parameters)
    const started = performance.now()
    let failed = true
    try {
      const rows = now(sql, parameters)
      failed = false
      return rows
    } finally {
      source.meter?.record(sql, (performance.now() - started) / 1000, failed)
    }
  }
}

import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import { DatabaseRefusedError, type Oddity } from './dialect.ts'

interface PostgresFacts {
  encoding: string
  places: number
  geography: number
}

export async function postgresOddities(db: Db, connections: number): Promise<Oddity[]> {
  const { rows } = await sql<PostgresFacts>`select
    current_setting('server_encoding') as encoding,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as places,
    (select count(*)::int from pg_extension where extname = 'postgis') as geography`.execute(db)
  const [facts] = rows
  if (!facts) return []
  const odd: [boolean, Oddity][] = [
    [facts.encoding !== 'UTF8', { kind: 'encoding', detail: `The database keeps text as ${facts.encoding}.` }],
    [facts.places < connections, tooFew(facts.places, connections)],
    [facts.geography === 0, { kind: 'geography', detail: 'The extension postgis is not in the database.' }],
  ]
  return told(odd)
}

/** Several times what is kept after a burst: somebody keeps it from being emptied. */
const longLog = 256 * 1024 * 1024

export function sqliteOddities(logBytes: number): Oddity[] {
  const detail = `It takes ${Math.round(logBytes / 1024 / 1024)} MiB beside the file.`
  return told([[logBytes > longLog, { kind: 'log', detail }]])
}

interface MariadbFacts {
  charset: string
  places: number
  packet: number
}

const smallestPacket = 16 * 1024 * 1024

export async function mariadbOddities(db: Db, connections: number): Promise<Oddity[]> {
  const { rows } = await sql<MariadbFacts>`select @@character_set_database as charset,
    @@global.max_connections as places, @@global.max_allowed_packet as packet`.execute(db)
  const [facts] = rows
  if (!facts) return []
  const [places, packet] = [Number(facts.places), Number(facts.packet)]
  const odd: [boolean, Oddity][] = [
    [facts.charset !== 'utf8mb4', { kind: 'encoding', detail: `The database keeps text as ${facts.charset}.` }],
    [places < connections, tooFew(places, connections)],
    [packet < smallestPacket, { kind: 'packet', detail: `max_allowed_packet is ${packet}, and 16 MiB are wanted.` }],
  ]
  return told(odd)
}

const tooFew = (places: number, wanted: number): Oddity => ({
  kind: 'connections',
  detail: `The server has room for ${places} connections, and one machine with these settings may take ${wanted}.`,
})

const told = (odd: readonly [boolean, Oddity][]): Oddity[] => odd.filter(([isOdd]) => isOdd).map(([, oddity]) => oddity)

export const wrongVersion = (wanted: string, version: string): DatabaseRefusedError =>
  new DatabaseRefusedError(`Atrium needs ${wanted} or newer; this server says ${version}.`, { reason: 'version' })

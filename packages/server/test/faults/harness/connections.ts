import mysql from 'mysql2/promise'
import pg from 'pg'

/** Holds connections to a database server until told to let go. */
interface Greed {
  release(): Promise<void>
}

/** Takes every connection the server has, also those that others hold. */
export function takeConnections(url: string): Promise<Greed> {
  return url.startsWith('postgres') ? takeFromPostgres(url) : takeFromMariadb(url)
}

const most = 400

async function takeFromPostgres(url: string): Promise<Greed> {
  const clients: pg.Client[] = []
  const take = async () => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  const first = await take()
  await first.query(`set application_name = 'greed'`)
  const end = `select count(pg_terminate_backend(pid)) from pg_stat_activity
    where application_name = 'atrium' and pid <> pg_backend_pid()`
  while (clients.length < most && (await take().catch(() => undefined))) {}
  await first.query(end)
  while (clients.length < most && (await take().catch(() => undefined))) {}
  return { release: async () => void (await Promise.all(clients.map((client) => client.end()))) }
}

async function takeFromMariadb(url: string): Promise<Greed> {
  const connections: mysql.Connection[] = []
  const take = async () => {
    const connection = await mysql.createConnection({ uri: url })
    connection.on('error', () => {})
    connections.push(connection)
    return connection
  }
  const first = await take()
  while (connections.length < most && (await take().catch(() => undefined))) {}
  const [own] = await first.query<mysql.RowDataPacket[]>(
    `select id from information_schema.processlist where db like 'atrium\\_test\\_%'`,
  )
  for (const { id } of own) await first.query(`kill ${Number(id)}`).catch(() => {})
  while (connections.length < most && (await take().catch(() => undefined))) {}
  return { release: async () => void (await Promise.all(connections.map((connection) => connection.end()))) }
}

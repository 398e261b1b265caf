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
/** Whoever loses a connection asks for another at once, and may be quicker than we are. */
const mostTries = 200

interface Server {
  /** Another one; throws where there is none left. */
  take(): Promise<unknown>
  /** Ends those of others; answers how many they had. */
  evict(): Promise<number>
}

async function takeAll({ take, evict }: Server): Promise<void> {
  const fill = async () => {
    for (let taken = 0; taken < most && (await take().catch(() => undefined)); taken++) {}
  }
  await fill()
  for (let tries = 0; (await evict()) > 0; tries++) {
    if (tries === mostTries) throw new Error('The servers always get a connection')
    await fill()
  }
}

async function takeFromPostgres(url: string): Promise<Greed> {
  const clients: pg.Client[] = []
  const take = async () => {
    const client = new pg.Client({ connectionString: url, application_name: 'greed' })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  const first = await take()
  const end = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'atrium' and pid <> pg_backend_pid()`
  await takeAll({ take, evict: async () => (await first.query(end)).rows.length })
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
  const evict = async () => {
    const [others] = await first.query<mysql.RowDataPacket[]>(
      `select id from information_schema.processlist where db like 'atrium\\_test\\_%'`,
    )
    for (const { id } of others) await first.query(`kill ${Number(id)}`).catch(() => {})
    return others.length
  }
  await takeAll({ take, evict })
  return { release: async () => void (await Promise.all(connections.map((connection) => connection.end()))) }
}

import mysql from 'mysql2/promise'
import pg from 'pg'

/** Runs statements one after the other on one connection; answers the rows of the last. */
export async function query(url, statements) {
  const connection = url.startsWith('postgres') ? await openPostgres(url) : await openMariadb(url)
  try {
    let rows = []
    for (const statement of statements) rows = await connection.query(statement)
    return rows
  } finally {
    await connection.end()
  }
}

async function openPostgres(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return { query: async (text) => (await client.query(text)).rows, end: () => client.end() }
}

async function openMariadb(url) {
  const client = await mysql.createConnection(url.replace('mariadb:', 'mysql:'))
  return { query: async (text) => (await client.query(text))[0], end: () => client.end() }
}

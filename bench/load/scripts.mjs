// What a connection asks, and what it accepts as an answer.
import { randomUUID } from 'node:crypto'
import { fileBytes } from './file-bytes.mjs'
import { head } from './request-head.mjs'
import { getRow, insertRow, listRows } from './table-scripts.mjs'

export const scripts = { readOwnAccount, readFile, sendMessages, listRows, getRow, insertRow }

/** Reads the account of one person after the other; the answer is that account, byte for byte. */
function readOwnAccount(people, index, connections) {
  const turns = people
    .filter((_, place) => place % connections === index % people.length)
    .map(({ cookie, account }) => ({
      request: `${head('GET /api/v1/users/me HTTP/1.1', { cookie })}\r\n`,
      account: Buffer.from(account),
    }))
  let turn = -1
  return {
    next() {
      turn = (turn + 1) % turns.length
      return turns[turn].request
    },
    check(status, body) {
      if (status === '200' && body.equals(turns[turn].account)) return undefined
      return `${status} ${body.toString().slice(0, 300)}`
    },
  }
}

const known = new Map()

/** Downloads one file after the other; each is that file, byte for byte. */
function readFile(files, index) {
  const turns = files.map(({ id, cookie, name, size }) => {
    const bytes = known.get(name) ?? fileBytes(name, size)
    known.set(name, bytes)
    return { request: `${head(`GET /api/v1/files/${id}/content HTTP/1.1`, { cookie })}\r\n`, bytes }
  })
  let turn = index % turns.length
  return {
    next() {
      turn = (turn + 1) % turns.length
      return turns[turn].request
    },
    check(status, body) {
      return status === '200' && body.equals(turns[turn].bytes) ? undefined : `${status}, ${body.length} bytes`
    },
  }
}

/** One person writes message after message; the answer is that message, stored, with its place. */
function sendMessages(people, index) {
  const { cookie, csrf, conversation, id } = people[index]
  const url = `/api/v1/conversations/${conversation}/messages`
  const start = head(`POST ${url} HTTP/1.1`, { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json' })
  const name = randomUUID()
  const records = []
  let count = 0
  let sent
  return {
    records,
    next() {
      sent = { client_id: `${name}-${++count}`, text: `Message ${count}: see you at the harbour at half past seven?` }
      const body = JSON.stringify(sent)
      return `${start}content-length: ${body.length}\r\n\r\n${body}`
    },
    check(status, body) {
      const text = body.toString()
      const message = status === '201' ? JSON.parse(text) : {}
      const isRight =
        message.client_id === sent.client_id &&
        message.text === sent.text &&
        message.conversation_id === conversation &&
        message.sender.id === id
      if (!isRight) return `${status} ${text.slice(0, 300)}`
      records.push([conversation, message.number, message.seq])
      return undefined
    },
  }
}

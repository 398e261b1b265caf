// What a connection asks of a table of articles, and what it accepts as an answer; alike for Atrium and for the peer.
import { head } from './request-head.mjs'

const table = '/api/v1/data/articles'
const pagesInARow = 10

/** Pages of 20 of one status, from a random place on, each behind the one before. */
export function listRows(people, index) {
  const { cookie, rows } = people[index % people.length]
  let [place, cursor, pages] = ['', undefined, 0]
  return {
    next() {
      if (cursor === undefined || pages++ % pagesInARow === 0) {
        place = `filter[id][gt]=${Math.floor(Math.random() * rows * 0.9)}&filter[status]=open&limit=20`
        cursor = ''
      }
      const url = `${table}?${place}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
      return `${head(`GET ${url} HTTP/1.1`, { cookie })}\r\n`
    },
    check(status, body) {
      const { data, page } = status === '200' ? JSON.parse(body.toString()) : {}
      cursor = page?.next_cursor ?? undefined
      const isRight =
        data?.length === 20 && data.every((row, at) => row.status === 'open' && (at === 0 || row.id > data[at - 1].id))
      return isRight && typeof data[0].title === 'string' ? undefined : `${status} ${body.toString().slice(0, 300)}`
    },
  }
}

/** One row after the other, by its key. */
export function getRow(people, index) {
  const { cookie, rows } = people[index % people.length]
  let id
  return {
    next() {
      id = 1 + Math.floor(Math.random() * rows)
      return `${head(`GET ${table}/${id} HTTP/1.1`, { cookie })}\r\n`
    },
    check(status, body) {
      const row = status === '200' ? JSON.parse(body.toString()) : {}
      return row.id === id && row.title === `Article ${id}` ? undefined : `${status} ${body.toString().slice(0, 300)}`
    },
  }
}

/** New rows; the answer is the row, with the number it was given. */
export function insertRow(people, index) {
  const { cookie, csrf } = people[index % people.length]
  const start = head(`POST ${table} HTTP/1.1`, { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json' })
  let count = 0
  let sent
  return {
    next() {
      sent = {
        title: `New ${index}-${++count}`,
        status: 'open',
        author_id: 7,
        price: 12.5,
        done: false,
        created_at: '2026-11-21T14:30:00.000Z',
      }
      const body = JSON.stringify(sent)
      return `${start}content-length: ${body.length}\r\n\r\n${body}`
    },
    check(status, body) {
      const row = status === '201' ? JSON.parse(body.toString()) : {}
      const isRight = row.id > 0 && Object.entries(sent).every(([name, value]) => row[name] === value)
      return isRight ? undefined : `${status} ${body.toString().slice(0, 300)}`
    },
  }
}

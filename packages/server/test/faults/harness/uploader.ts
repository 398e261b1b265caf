import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '../../../src/platform/db/schema.ts'
import type { Person } from './person.ts'

const limitMs = 20_000
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Someone who sends files, remembers what was acknowledged, and looks whether it is still there as it was. */
export class Uploader {
  readonly acknowledged: { id: string; sha256: string }[] = []
  /** Each answer that was no 201: `507 disk_full`, or what went wrong. */
  readonly refusals: string[] = []
  readonly #origin: string
  readonly #person: Person

  constructor(origin: string, person: Person) {
    this.#origin = origin
    this.#person = person
  }

  /** Answers whether it was taken. */
  async send(content: number | Uint8Array, name = 'file.bin'): Promise<boolean> {
    const bytes = typeof content === 'number' ? randomBytes(content) : content
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(bytes)]), name)
    return this.#note(await this.#ask('POST', '/files', { body: form }), 201, sha256(bytes))
  }

  /** Begins an upload that can be interrupted; answers its path. */
  async begin(size: number): Promise<string> {
    const answer = await this.#ask('POST', '/files/tus', { headers: { 'upload-length': String(size) } })
    if (answer.status !== 201) throw new Error(`tus: ${answer.problem}`)
    return answer.location
  }

  /** Goes on with it where the server says it is; answers whether all was taken. */
  async goOn(path: string, bytes: Uint8Array): Promise<boolean> {
    const { offset, status } = await this.#ask('HEAD', path)
    if (status !== 200) return this.#note({ status, problem: `HEAD ${status}` }, 204, '')
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) }
    const answer = await this.#ask('PATCH', path, { headers, body: new Uint8Array(bytes.subarray(offset)) })
    return this.#note({ ...answer, id: path.split('/').at(-1) ?? '' }, 204, sha256(bytes))
  }

  #note(answer: { status: number; problem: string; id?: string }, wanted: number, digest: string): boolean {
    const isTaken = answer.status === wanted
    if (isTaken) this.acknowledged.push({ id: answer.id ?? '', sha256: digest })
    else this.refusals.push(answer.problem)
    return isTaken
  }

  /** The files that were acknowledged and are not there as they were sent. */
  async lost(): Promise<string[]> {
    const lost: string[] = []
    for (const { id, sha256: digest } of this.acknowledged) {
      const { status, bytes } = await this.#ask('GET', `/files/${id}/content`)
      if (status !== 200 || sha256(bytes) !== digest) lost.push(`${id}: ${status}`)
    }
    return lost
  }

  /** The status of a picture in another size. */
  async variant(id: string, side: number): Promise<number> {
    return (await this.#ask('GET', `/files/${id}/content?w=${side}&h=${side}`)).status
  }

  async #ask(
    method: string,
    path: string,
    more: { headers?: Record<string, string>; body?: FormData | Uint8Array<ArrayBuffer> } = {},
  ) {
    const headers = { authorization: `Bearer ${this.#person.token}`, 'tus-resumable': '1.0.0', ...more.headers }
    const url = `${this.#origin}${path.startsWith('/api/') ? '' : '/api/v1'}${path}`
    try {
      const response = await fetch(url, { method, ...more, headers, signal: AbortSignal.timeout(limitMs) })
      const bytes = Buffer.from(await response.arrayBuffer())
      const isJson = /json/.test(response.headers.get('content-type') ?? '')
      const json = (isJson && bytes.length > 0 && JSON.parse(bytes.toString())) || {}
      const offset = Number(response.headers.get('upload-offset') ?? 0)
      const location = response.headers.get('location') ?? ''
      return {
        status: response.status,
        problem: `${response.status} ${json.code}`,
        id: json.id,
        bytes,
        offset,
        location,
      }
    } catch (error) {
      const problem = `no answer: ${(error as Error).cause ?? error}`
      return { status: 0, problem, id: '', bytes: Buffer.alloc(0), offset: 0, location: '' }
    }
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

/** Rows of files whose bytes are not in the folder, and what is in the folder and belongs to no row. */
export async function compareWithFolder(db: Db, folder: string): Promise<{ dangling: number; stray: string[] }> {
  const rows = await db.selectFrom('files').select('storage_key').execute()
  const known = new Set(rows.map(({ storage_key }) => `objects/${storage_key}`))
  const found = filesIn(folder)
  const originals = found.map((path) => path.replace(/\.d\/[^/]+$/, ''))
  return {
    dangling: [...known].filter((path) => !found.includes(path)).length,
    stray: found.filter((_, index) => !known.has(originals[index] ?? '')),
  }
}

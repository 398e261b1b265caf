import type { Readable } from 'node:stream'

/** First and last byte, both included. */
export interface ByteRange {
  start: number
  end: number
}

export interface StoredObject {
  key: string
  size: number
  modifiedAt: Date
}

/** Bytes as they come: a stream, or pieces that are there already. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** An object in the making, as its storage left it. */
export interface PartialObject {
  /** Bytes that are durable. */
  received: number
  /** The storage's own. */
  state: string | null
}

/**
 * Where the bytes of files lie. Keys are made by us (`newKey`), never of what people send. Every method throws the
 * problems `unavailable` and `disk_full` where that is why.
 */
export interface Storage {
  readonly kind: 'disk' | 's3'
  /**
   * When it resolves, the object is there whole and outlasts a power cut. When it rejects, because of the source too,
   * nothing of it can be read, and what is left goes by itself.
   */
  put(key: string, source: ByteSource): Promise<void>
  /** Throws NoSuchObjectError before anything is read. */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** A small part at once, where that costs less than a stream. Throws as `open` does, and where the object is shorter. */
  read?(key: string, range: ByteRange): Promise<Buffer>
  /** As `open`, to be piped to one reader and nothing else, where that costs less. Fails where the object is shorter. */
  openToSend?(key: string, range: ByteRange): Promise<Readable>
  find(key: string): Promise<StoredObject | undefined>
  /**
   * Goes on with an object in the making, after `partial.received` bytes. What came until the source ended is durable when
   * it resolves; what `onProgress` was told is durable whatever happens then.
   */
  append(
    key: string,
    partial: PartialObject,
    source: ByteSource,
    onProgress: (partial: PartialObject) => Promise<void>,
  ): Promise<PartialObject>
  /** Makes it an object; `observe` is shown all of its bytes. Can be repeated. */
  complete(key: string, partial: PartialObject, observe: (chunk: Uint8Array) => void): Promise<void>
  /** With what was derived from it, and what of it is in the making. What is not there is removed already. */
  remove(key: string): Promise<void>
  /** Everything there is, derived objects too. */
  list(): AsyncIterable<StoredObject>
  /** Removes what writers left that died more than a minute ago; answers how much. */
  clean(): Promise<number>
  /** Rejects when nothing can be stored or read right now. */
  check(): Promise<void>
}

export class NoSuchObjectError extends Error {
  override readonly name = 'NoSuchObjectError'
  constructor(key: string) {
    super(`There is no object ${key}`)
  }
}

/** The last two characters of an id are random: 256 folders share the objects. */
export const newKey = (id: string): string => `${id.slice(-2)}/${id}`

const derivedMark = '.d/'

/** Something made of an object, a smaller picture say: it is removed with it, and can be made again. */
export const derivedKey = (key: string, name: string): string => `${key}${derivedMark}${name}`

/** The key of the object itself, of whatever is listed. */
export const originalKey = (key: string): string => key.split(derivedMark, 1)[0] ?? key

const keyForm = /^[0-9a-z]{2}\/[0-9a-z-]{1,64}(\.d\/[0-9a-z][0-9a-z._-]{0,63})?$/

export const isKey = (key: string): boolean => keyForm.test(key)

/** Throws for a key that we do not make, before it becomes a path. */
export function assertKey(key: string): void {
  if (!isKey(key)) throw new Error(`Not a key of an object: ${JSON.stringify(key.slice(0, 100))}`)
}

import type { UploadOptions } from '../contract.ts'
import { ApiError, NetworkError } from '../errors.ts'
import { contentOf, type Http } from '../http/api.ts'
import { backoff, sleep } from '../http/delays.ts'
import type { StoredFile } from '../types.ts'

const firstPiece = 256 * 1024
const largestPiece = 8 * 1024 * 1024
/** A piece takes about this long: short enough to show progress, and to lose little when it is cut. */
const pieceMs = 1_000
const protocol = { 'tus-resumable': '1.0.0' }

/**
 * Sends a file in pieces (tus 1.0.0). After a cut it waits and goes on where the server is, for as long as it takes;
 * `signal` gives it up. Rejects with ApiError when the server refuses, and the signal's reason.
 */
export async function uploadFile(http: Http, file: Blob, options: UploadOptions): Promise<StoredFile> {
  const { signal, onProgress } = options
  const tell = (sent: number, isWaiting: boolean) => onProgress?.({ sent, total: file.size, isWaiting })
  tell(0, false)
  const id = await persist(
    () => begin(http, file, options),
    () => tell(0, true),
    signal,
  )
  const path = { params: { path: { id } } }
  try {
    let piece = firstPiece
    for (let offset = 0; offset < file.size; ) {
      const started = performance.now()
      const from = offset
      offset = await persist(
        () => send(http, id, file.slice(from, from + piece), from, signal),
        () => tell(from, true),
        signal,
        async () => (await contentOf(http.GET('/api/v1/files/tus/{id}', withSignal(path, signal)))).offset,
      )
      tell(offset, false)
      const took = performance.now() - started
      if (took < pieceMs / 2) piece = Math.min(piece * 2, largestPiece)
      if (took > pieceMs * 3) piece = Math.max(piece / 2, firstPiece / 4)
    }
  } catch (error) {
    if (signal?.aborted) void http.DELETE('/api/v1/files/tus/{id}', path).catch(() => undefined)
    throw error
  }
  const get = () => contentOf(http.GET('/api/v1/files/{id}', withSignal(path, signal)))
  return (await persist(get, () => tell(file.size, true), signal)) as StoredFile
}

const withSignal = <T extends object>(init: T, signal: AbortSignal | undefined) => ({
  ...init,
  ...(signal ? { signal } : {}),
})

async function begin(http: Http, file: Blob, { name, purpose, visibility, signal }: UploadOptions): Promise<string> {
  const said = { filename: name ?? (file instanceof File ? file.name : ''), purpose, visibility }
  const metadata = Object.entries(said).flatMap(([key, value]) => (value ? [`${key} ${base64(value)}`] : []))
  const headers = {
    ...{ ...protocol, 'upload-length': String(file.size) },
    ...(metadata.length > 0 ? { 'upload-metadata': metadata.join(',') } : {}),
  }
  const { response } = await http.POST('/api/v1/files/tus', withSignal({ headers }, signal))
  return response.headers.get('location')?.split('/').at(-1) ?? ''
}

/** Answers where the server is then. */
async function send(
  http: Http,
  id: string,
  piece: Blob,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const headers = {
    ...{ ...protocol, 'upload-offset': String(offset) },
    'content-type': 'application/offset+octet-stream',
  }
  const init = { params: { path: { id } }, headers, body: piece as never, bodySerializer: () => piece as never }
  const { response } = await http.PATCH('/api/v1/files/tus/{id}', withSignal(init, signal))
  return Number(response.headers.get('upload-offset'))
}

/** Repeats what a broken connection or a busy server prevented; `ask` finds out first whether it was done. */
async function persist<T>(
  work: () => Promise<T>,
  onWait: () => void,
  signal: AbortSignal | undefined,
  ask?: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (attempt > 0 && ask ? ask() : work())
    } catch (error) {
      signal?.throwIfAborted()
      if (!mayPass(error)) throw error
      onWait()
      await sleep(waitOf(error) ?? backoff(attempt, 500, 10_000), signal)
    }
  }
}

/** Another offset than ours is known once it is asked for. */
const mayPass = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof ApiError &&
    (error.status >= 500 || error.status === 408 || error.status === 429 || isElsewhere(error)))

const isElsewhere = ({ code, problem }: ApiError): boolean => code === 'state_conflict' && 'upload_offset' in problem

const waitOf = (error: unknown): number | undefined =>
  error instanceof ApiError && error.retryAfter !== undefined ? error.retryAfter * 1000 : undefined

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

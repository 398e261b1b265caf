import { ApiError, type Attachment, NetworkError } from '@atrium/client'
import { useSyncExternalStore } from 'react'
import { client } from '../../../app/client.ts'

/** A file that was chosen for a message: on its way, or with the server. */
export interface Upload {
  key: string
  file: File
  /** Of a picture, for showing it before the server has it. */
  preview: string | undefined
  state: 'uploading' | 'failed' | 'done'
  /** From 0 to 1. */
  progress: number
  error?: unknown
  attachment?: Attachment
}

export const mostAttachments = 10

// Kept for each place (a conversation, a thread) for as long as the page lives: looking elsewhere stops no upload.
const places = new Map<string, readonly Upload[]>()
const stops = new Map<string, AbortController>()
const listeners = new Set<() => void>()
const none: readonly Upload[] = []

const uploadsOf = (place: string): readonly Upload[] => places.get(place) ?? none

function set(place: string, uploads: readonly Upload[]): void {
  if (uploads.length > 0) places.set(place, uploads)
  else places.delete(place)
  for (const listener of listeners) listener()
}

const change = (place: string, key: string, more: Partial<Upload>): void =>
  set(
    place,
    uploadsOf(place).map((each) => (each.key === key ? { ...each, ...more } : each)),
  )

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useUploads = (place: string): readonly Upload[] => useSyncExternalStore(subscribe, () => uploadsOf(place))

const shownByBrowsers = /^image\/(jpeg|png|gif|webp)$/

/** Begins to upload them at once. Answers how many found no room any more. */
export function addFiles(place: string, files: readonly File[]): number {
  const room = mostAttachments - uploadsOf(place).length
  const taken = files.slice(0, Math.max(0, room)).map(
    (file): Upload => ({
      key: crypto.randomUUID(),
      file,
      preview: shownByBrowsers.test(file.type) ? URL.createObjectURL(file) : undefined,
      state: 'uploading',
      progress: 0,
    }),
  )
  set(place, [...uploadsOf(place), ...taken])
  for (const upload of taken) void run(place, upload)
  return files.length - taken.length
}

export function retryUpload(place: string, key: string): void {
  const upload = uploadsOf(place).find((each) => each.key === key)
  if (upload?.state !== 'failed') return
  change(place, key, { state: 'uploading', progress: 0, error: undefined })
  void run(place, upload)
}

/** Stops it where it is under way; what the server has by then goes by itself. */
export function removeUpload(place: string, key: string): void {
  stops.get(key)?.abort()
  const gone = uploadsOf(place).find((each) => each.key === key)
  if (gone?.preview) URL.revokeObjectURL(gone.preview)
  set(
    place,
    uploadsOf(place).filter((each) => each.key !== key),
  )
}

/** They belong to a message now. */
export function takeUploads(place: string): Attachment[] {
  const uploads = uploadsOf(place)
  for (const { preview } of uploads) if (preview) URL.revokeObjectURL(preview)
  set(place, none)
  return uploads.flatMap(({ attachment }) => attachment ?? [])
}

/** Signing out leaves nothing for the next person at this browser. */
export function forgetUploads(): void {
  for (const place of [...places.keys()]) for (const { key } of uploadsOf(place)) removeUpload(place, key)
}

async function run(place: string, { key, file }: Upload): Promise<void> {
  const stop = new AbortController()
  stops.set(key, stop)
  try {
    const stored = await client.files.upload(file, {
      purpose: 'attachment',
      signal: stop.signal,
      onProgress: ({ sent, total }) => change(place, key, { progress: total > 0 ? sent / total : 0 }),
    })
    const { id, name, size, content_type, width, height, variants, url } = stored
    const sides = width === undefined || height === undefined ? {} : { width, height }
    change(place, key, {
      state: 'done',
      progress: 1,
      attachment: { id, name, size, content_type, ...sides, variants, url },
    })
  } catch (error) {
    if (!stop.signal.aborted) change(place, key, { state: 'failed', error })
  } finally {
    stops.delete(key)
  }
}

/** The server did not refuse it: it, or the way to it, was not there. */
const isPassing = (error: unknown) =>
  error instanceof NetworkError || (error instanceof ApiError && error.status >= 500)

window.addEventListener('online', () => {
  for (const [place, uploads] of places) {
    for (const { key, state, error } of uploads) if (state === 'failed' && isPassing(error)) retryUpload(place, key)
  }
})

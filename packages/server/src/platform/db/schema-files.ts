export interface FilesTable {
  id: string
  owner_id: string
  /** `file`, `attachment`, `avatar` …: what it was uploaded for. */
  purpose: string
  /** `private` or `public`. */
  visibility: string
  name: string
  /** By its content, never as the client says. */
  content_type: string
  size: number
  /** Of the bytes, as hex. */
  sha256: string
  /** Where the storage has them. */
  storage_key: string
  /** Of a picture, as it is shown. */
  width: number | null
  height: number | null
  /** JSON of what else is known of the content. */
  details: string | null
  /** Set where nothing uses a file that is kept for its uses only: then it goes. */
  unused_since: string | null
  created_at: string
  updated_at: string
  version: number
}

/** What shows a file: it is kept for as long as there is one. */
export interface FileUsesTable {
  file_id: string
  /** `message`, `profile` …: whose uses these are. */
  kind: string
  /** The row that shows it. */
  used_by: string
  created_at: string
}

/** Uploads that have begun and are no file yet. Whoever removes the row decides what becomes of the bytes. */
export interface FileUploadsTable {
  /** The id of the file it becomes. */
  id: string
  owner_id: string
  /** `direct`, `tus` or `presigned`. */
  kind: string
  storage_key: string
  name: string
  purpose: string
  visibility: string
  /** As declared; null: the end tells. */
  size: number | null
  /** What it takes of the quota meanwhile. */
  reserved: number
  /** Bytes that are durable. */
  received: number
  /** As declared; the bytes have to agree. */
  sha256: string | null
  content_type: string | null
  /** JSON, the storage's own: how it goes on. */
  state: string | null
  /** A lease: nobody works on it after that. */
  expires_at: string
  created_at: string
}

/** Objects that are to be removed from the storage. */
export interface FileRemovalsTable {
  storage_key: string
  due_at: string
  attempts: number
}

/** What each person's files and uploads take together. */
export interface FileUsageTable {
  owner_id: string
  bytes: number
}

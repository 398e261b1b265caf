import { ApiError } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { filesQuery } from './files-query.ts'

export interface UploadState {
  key: number
  name: string
  sent: number
  total: number
  isWaiting: boolean
  failure?: string
}

/** What is being sent from this page; the rest waits for its turn. */
export function useUploads() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [uploads, setUploads] = useState<readonly UploadState[]>([])
  const works = useRef(new Map<number, AbortController>())
  const turn = useRef<Promise<unknown>>(Promise.resolve())
  const last = useRef(0)

  useEffect(() => {
    const running = works.current
    return () => {
      for (const work of running.values()) work.abort()
    }
  }, [])

  const change = (key: number, part: Partial<UploadState>) =>
    setUploads((all) => all.map((each) => (each.key === key ? { ...each, ...part } : each)))
  const dismiss = (key: number) => {
    works.current.get(key)?.abort()
    works.current.delete(key)
    setUploads((all) => all.filter((each) => each.key !== key))
  }

  const send = async (key: number, file: File, signal: AbortSignal) => {
    if (signal.aborted) return
    try {
      await client.files.upload(file, { signal, onProgress: (progress) => change(key, progress) })
      announce(t('library.done', { name: file.name }))
      await cache.invalidateQueries(filesQuery)
      dismiss(key)
    } catch (error) {
      if (!signal.aborted) change(key, { failure: explain(error, t), isWaiting: false })
    }
  }

  const add = (files: readonly File[]) => {
    for (const file of files) {
      const key = ++last.current
      const work = new AbortController()
      works.current.set(key, work)
      setUploads((all) => [...all, { key, name: file.name, sent: 0, total: file.size, isWaiting: false }])
      turn.current = turn.current.then(() => send(key, file, work.signal))
    }
  }
  return { uploads, add, dismiss }
}

function explain(error: unknown, t: TFunction): string {
  const code = error instanceof ApiError ? error.code : ''
  if (code === 'file_too_large') return t('library.tooLarge')
  if (code === 'quota_exceeded' || code === 'disk_full') return t('library.noRoom')
  return explainError(error, t)
}

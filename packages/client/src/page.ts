export interface PageWatch {
  /** The network is there again, or somebody looks at the page. */
  back(): void
  /** Another tab wrote to the storage; null when it was cleared. */
  stored(key: string | null): void
}

/** Listens to the browser around the page; does nothing where there is none. Answers what undoes it. */
export function watchPage({ back, stored }: PageWatch): () => void {
  if (typeof document === 'undefined') return () => {}
  const controller = new AbortController()
  const { signal } = controller
  const seen = () => document.visibilityState === 'visible' && back()
  globalThis.addEventListener('online', back, { signal })
  globalThis.addEventListener('storage', ({ key }) => stored(key), { signal })
  document.addEventListener('visibilitychange', seen, { signal })
  return () => controller.abort()
}

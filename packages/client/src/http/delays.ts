/** Milliseconds until try number `attempt` (from 0): doubling, and never the same for many clients at once. */
export function backoff(attempt: number, firstMs: number, longestMs: number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** attempt)
  return ceiling * (0.5 + Math.random() / 2)
}

/** What a server's `retry_after` means in milliseconds, spread so that those it was said to do not come together. */
export const spread = (seconds: number): number => seconds * 1000 * (1 + Math.random() / 4) + Math.random() * 250

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

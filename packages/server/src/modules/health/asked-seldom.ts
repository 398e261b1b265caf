/** One question in two seconds; whoever asks in between gets its answer. */
export function askedSeldom<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined
  return () => {
    if (!last || performance.now() - last.at > 2_000) last = { at: performance.now(), answer: ask() }
    return last.answer
  }
}

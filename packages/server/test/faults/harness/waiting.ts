export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** Resolves to the milliseconds it took until the question is answered yes; throws what `complaint` says after the limit. */
export async function until(
  question: () => boolean | Promise<boolean>,
  limitMs: number,
  complaint: () => string,
  stepMs = 20,
): Promise<number> {
  const start = performance.now()
  while (!(await question())) {
    if (performance.now() - start > limitMs) throw new Error(`After ${limitMs / 1000} s: ${complaint()}`)
    await pause(stepMs)
  }
  return performance.now() - start
}

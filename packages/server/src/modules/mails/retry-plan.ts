const firstDelay = 5
const longestDelay = 3600
const daySeconds = 86_400

/** Seconds to wait after the n-th attempt failed: 5, 10, 20 … up to an hour. */
export const retryDelay = (attempts: number): number => Math.min(longestDelay, firstDelay * 2 ** (attempts - 1))

/** True once the delays so far make up a day. */
export function isGivenUp(attempts: number): boolean {
  let waited = 0
  for (let n = 1; n < attempts; n++) waited += retryDelay(n)
  return waited >= daySeconds
}

import { isMainThread } from 'node:worker_threads'

// A server whose test was killed must not stay behind: the pipe to it closes however the test ends. Its threads load this
// too, and have another standard input that is closed from the start.
if (isMainThread) {
  const end = () => process.exit(1)
  process.stdin.on('end', end).on('close', end).on('error', end).resume()
  process.stdin.unref()
}

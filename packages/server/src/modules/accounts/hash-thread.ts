// The thread that hashes passwords, one at a time: argon2id takes a core for tens of milliseconds.
import { platform, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'
import type { HashQuestion } from './hash-threads.ts'

// Linux takes it as the priority of this thread alone, others as that of the whole process. Whoever waits for something
// quick goes first; not so far down that nobody could sign in at a busy server of one core.
if (platform() === 'linux') setPriority(0, 10)

const answer = ({ password, stored, cost }: HashQuestion): string | boolean =>
  stored === undefined ? hashSync(password, { ...cost, parallelism: 1 }) : verifySync(stored, password)

parentPort?.on('message', (question: HashQuestion) => {
  try {
    parentPort?.postMessage({ result: answer(question) })
  } catch (error) {
    parentPort?.postMessage({ failure: (error as Error).message })
  }
})

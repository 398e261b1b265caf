import { StreamEngine } from '../src/live/stream-engine.ts'
import type { Envelope, SyncAnswer, SyncRequest } from '../src/types.ts'

// A real server neither loses nor reorders what it sends; here the test decides what arrives and what a sync answers.
export const a = 'conversation:a'
export const b = 'conversation:b'
export const event = (stream: string, seq: number, type = 'message.created'): Envelope => ({
  stream,
  seq,
  type,
  at: '2026-11-21T09:30:00.000Z',
  ...(type === 'skipped' ? {} : { data: { seq } }),
})
export const events = (stream: string, from: number, to: number): Envelope[] =>
  Array.from({ length: to - from + 1 }, (_, index) => event(stream, from + index))
const nothing: SyncAnswer = { epoch: 'e1', events: [], heads: {}, added: [], removed: [], reset: [], more: false }

type Script = (request: SyncRequest) => Partial<SyncAnswer> | Promise<Partial<SyncAnswer>>

/** An engine whose syncs are answered from a script, and what it tells, asks and reports. */
export function start(...script: Script[]) {
  const told: string[] = []
  const asked: SyncRequest[] = []
  const failed: unknown[] = []
  /** What the app does while it is told; the engine waits for it. */
  const work = { now: async (_what: string) => {} }
  const tell = async (what: string) => {
    await work.now(what)
    told.push(what)
  }
  const engine = new StreamEngine({
    sink: {
      apply: ({ stream, seq }) => tell(`${stream.at(-1)}${seq}`),
      added: (stream, head) => tell(`added ${stream.at(-1)}@${head}`),
      reset: (stream, head) => tell(`reset ${stream.at(-1)}@${head}`),
      removed: (stream) => tell(`removed ${stream.at(-1)}`),
    },
    async sync(request) {
      asked.push(request)
      const answer = script.shift()
      if (!answer) throw new Error(`An unexpected sync: ${JSON.stringify(request)}`)
      return { ...nothing, ...(await answer(request)) }
    },
    failed: (error) => failed.push(error),
  })
  return { engine, told, asked, failed, work }
}

export const added =
  (heads: Record<string, number>): Script =>
  () => ({ heads, added: Object.keys(heads) })

import { describe, expect } from 'vitest'
import { DuplicateRun } from './harness/duplicate-run.ts'
import { assertSound } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'

const times = 50
const rounds = isFull ? 40 : 4

describe.each(engines)('%s', (engine) => {
  row('F15', engine, 'the same client_id 50 times at once is one message, told once', async (tell) => {
    const run = await DuplicateRun.start(engine)
    try {
      const start = performance.now()
      for (let round = 1; round <= rounds; round++) {
        const draft = { conversation_id: run.conversation, client_id: `storm-${round}`, text: `round ${round}` }
        const outcomes = await run.storm(draft, times)
        const acks = outcomes.flatMap((outcome) => (outcome.phase === 'ok' ? [outcome.ack] : []))
        expect(acks, JSON.stringify(outcomes)).toHaveLength(times)
        expect(new Set(acks.map(({ id, seq, number }) => `${id} ${seq} ${number}`)).size).toBe(1)
        // Without an answer one cannot know that one's own send was the first.
        if (run.history.count('info') === 0) expect(acks.filter((ack) => !ack.deduplicated)).toHaveLength(1)

        const other = await run.storm({ ...draft, text: 'something else' }, 4)
        const elsewhere = await run.storm({ ...draft, conversation_id: run.otherConversation }, 4)
        const refused = { phase: 'fail', code: 'client_id_reused' }
        expect([...other, ...elsewhere]).toEqual(Array(8).fill(refused))
      }
      const ms = performance.now() - start

      const findings = await run.findings()
      tell({ rounds, sends_per_round: times, ms_per_round: ms / rounds })
      assertSound(`F15 ${engine}`, findings)
      expect(findings.rows).toHaveLength(rounds)
      for (let round = 1; round <= rounds; round++) {
        expect(run.pushes(`storm-${round}`)).toEqual({ ann1: 1, ann2: 1, ann3: 1, ann4: 1, bob1: 1, bob2: 1 })
      }
    } finally {
      await run.end()
    }
  })
})

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seed } from './chance.ts'

/** What the server said of a message it took. */
export interface Ack {
  id: string
  conversation_id: string
  seq: number
  number: number
  deduplicated: boolean
}

/** A message as it reached a reader. */
export interface Heard {
  /** Numbered per reader: order is promised within one. */
  connection: number
  via: 'push' | 'sync' | 'rest'
  conversation: string
  seq: number
  id: string
}

type Happening =
  | { op: 'send'; attempt: number; phase: 'invoke'; result: { conversation: string; via: 'rest' | 'socket' } }
  | { op: 'send'; attempt: number; phase: 'ok'; result: Ack }
  /** `fail`: surely not done. `info`: nobody knows, as after a timeout or a lost connection. */
  | { op: 'send'; attempt: number; phase: 'fail' | 'info'; result: string }
  | { op: 'hear'; phase: 'ok'; result: Heard }
  | { op: 'nemesis'; phase: 'ok'; result: string }

/** `key` is the client_id a message is sent and stored under. */
export type Line = { t: number; client: string; key: string } & Happening

/** Everything the clients of one run asked and were told, in the order of one clock. */
export class History {
  readonly lines: Line[] = []
  #attempts = 0

  note(client: string, key: string, happening: Happening): void {
    this.lines.push({ t: performance.now(), client, key, ...happening })
  }

  /** Notes the invocation and answers how to note its end. */
  sends(client: string, key: string, how: { conversation: string; via: 'rest' | 'socket' }) {
    const send = { op: 'send', attempt: ++this.#attempts } as const
    this.note(client, key, { ...send, phase: 'invoke', result: how })
    return {
      ok: (result: Ack) => this.note(client, key, { ...send, phase: 'ok', result }),
      fail: (result: string) => this.note(client, key, { ...send, phase: 'fail', result }),
      info: (result: string) => this.note(client, key, { ...send, phase: 'info', result }),
    }
  }

  count(phase: Line['phase']): number {
    return this.lines.filter((line) => line.op === 'send' && line.phase === phase).length
  }

  about(key: string, most: number): string[] {
    const lines = this.lines.filter((line) => line.key === key).slice(0, most)
    return lines.map((line) => JSON.stringify({ ...line, t: Math.round(line.t) }))
  }

  /** Writes all lines to a file and answers its name. */
  save(name: string): string {
    const file = join(tmpdir(), `atrium-fault-${name.replaceAll(/\W+/g, '-')}-${seed}.jsonl`)
    writeFileSync(file, `${this.lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
    return file
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { findSocketIoPython } from '../../../../scripts/setup/programs.mjs'
import { History } from './harness/history.ts'
import { Installation } from './harness/installation.ts'
import { Link } from './harness/link.ts'
import { converse, registerAll } from './harness/person.ts'
import { Reader } from './harness/reader.ts'
import { send } from './harness/sender.ts'
import { until } from './harness/waiting.ts'

const python = findSocketIoPython()
if (!python) console.warn('Skipped: this system has no python3-socketio for a client in another language.')

const program = new URL('../programs/other-language.py', import.meta.url).pathname

/** Asks it for one thing at a time. */
function otherClient(origin: string) {
  const child: ChildProcess = spawn(python ?? '', [program, origin], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  return {
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
    async ask(...command: unknown[]): Promise<any> {
      child.stdin?.write(`${JSON.stringify(command)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('The other client ended.')
      return JSON.parse(value)
    },
    end: () => child.kill('SIGKILL'),
  }
}

it.skipIf(!python)('a client in another language signs in, talks, is cut off, comes back and resumes', async () => {
  const link = await Link.to('http://127.0.0.1:1')
  const address = new URL(link.url('http://127.0.0.1')).origin
  // Its WebSocket library says where it connects to as if it were a page from there.
  const installation = await Installation.start('sqlite', { variables: { ALLOWED_ORIGINS: address } })
  link.leadTo(installation.origin)
  const client = otherClient(address)
  const history = new History()
  let bob: Reader | undefined
  try {
    const { origin } = installation
    const [ann, other] = await registerAll(origin, 2)
    if (!ann || !other) throw new Error('Nobody is there.')
    const room = await converse(origin, ann, other)
    bob = await new Reader('bob', origin, other, history).open()
    const say = (text: string) =>
      send(
        history,
        bob as Reader,
        'socket',
        { conversation_id: room, client_id: text.replaceAll(' ', '-'), text },
        origin,
      )

    expect(await client.ask('sign_in', ann.name, 'a quiet harbour at dawn')).toEqual({ user: ann.name })
    expect(await client.ask('connect')).toEqual({ user: ann.name })
    const sent = await client.ask('send', room, 'one', 'from python')
    expect(sent).toMatchObject({ ok: true, data: { text: 'from python', seq: 1 } })
    // What it sends comes to itself like to everybody else.
    expect(await client.ask('hear')).toEqual({ text: 'from python' })
    await until(
      () => bob?.position(room) === 1,
      10_000,
      () => 'nothing came from python',
    )
    expect(await client.ask('send', room, 'one', 'from python')).toMatchObject({
      data: { id: sent.data.id, deduplicated: true },
    })
    expect((await say('to python')).phase).toBe('ok')
    expect(await client.ask('hear')).toEqual({ text: 'to python' })

    link.refuse()
    for (const text of ['missed 1', 'missed 2']) expect((await say(text)).phase).toBe('ok')
    link.restore()
    expect(await client.ask('await_ready')).toEqual({ user: ann.name })
    expect(await client.ask('resume')).toEqual({ texts: ['from python', 'to python', 'missed 1', 'missed 2'] })
    await say('live again')
    expect(await client.ask('hear')).toEqual({ text: 'missed 1' })
    expect(await client.ask('hear')).toEqual({ text: 'missed 2' })
    expect(await client.ask('hear')).toEqual({ text: 'live again' })
  } finally {
    client.end()
    bob?.close()
    await link.close()
    await installation.drop()
  }
})

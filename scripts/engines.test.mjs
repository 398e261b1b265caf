import { spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Engine, requireVersion, unprivilegedUser } from './engines/process.mjs'

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() && true))
    socket.once('error', () => resolve(false))
  })

function startInChild() {
  const code = `
    import { startEngines } from ${JSON.stringify(new URL('./engines.mjs', import.meta.url).href)}
    const { redisUrl, folder } = await startEngines({ redis: true })
    console.log(JSON.stringify({ port: new URL(redisUrl).port, folder }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve({ child, ...JSON.parse(text) }))
    child.once('exit', (status) => reject(new Error(`ended with ${status}`)))
  })
}

it.each(['SIGKILL', 'SIGTERM'])('leaves nothing behind when its starter ends by %s', async (signal) => {
  const { child, folder, port } = await startInChild()
  expect(await answers(port)).toBe(true)
  expect(existsSync(folder)).toBe(true)

  child.kill(signal)

  await vi.waitFor(async () => expect(await answers(port)).toBe(false), 10_000)
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false), 10_000)
})

it('tells what the program said when it ends at once', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'atrium-engine-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const { uid, gid } = unprivilegedUser()
  if (uid !== undefined) chownSync(parent, uid, gid)
  const engine = new Engine('broken', parent)
  engine.start('/bin/sh', ['-c', 'echo no such disk; exit 3'])
  const asking = engine.answer(() => Promise.reject(new Error('connection refused')))
  await expect(asking).rejects.toThrow(/broken does not answer: connection refused\nno such disk/)
  await engine.stop()
})

it('compares versions as numbers', () => {
  requireVersion('X', '10.11.19-MariaDB', '10.11')
  requireVersion('X', '15.18 (Debian 15.18-0)', '15')
  expect(() => requireVersion('X', '10.6.20', '10.11')).toThrow('10.11 or newer is needed; this is 10.6.20')
  expect(() => requireVersion('X', '14.9', '15')).toThrow()
})

// The same files in Atrium and in the reference beside it.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { PinnedProcess } from '../harness/processes.mjs'
import { fileBytes } from '../load/file-bytes.mjs'
import { tokenCookie } from '../peers/token.mjs'
import { askAgainMs, register, startAtrium } from './atrium.mjs'

const mebibyte = 1024 * 1024

/** Each file with who may read it: what the load asks for. */
export async function startAtriumWithFiles({ name, main, folder, profile }, names) {
  const settings = { FILE_MAX_MB: '100', FILE_QUOTA_MB: '0' }
  const server = await startAtrium({ name, main, folder, profile, settings })
  const [person] = await register(server.port, 1)
  const files = []
  for (const { name, size } of names)
    files.push({ ...person, name, size, id: await upload(server.port, person, name, size) })
  return { ...server, files }
}

async function upload(port, { cookie, csrf }, name, size) {
  const body = new FormData()
  body.append('file', new Blob([fileBytes(name, size)]), name)
  const headers = { cookie, 'x-csrf-token': csrf }
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/files`, { method: 'POST', headers, body })
  const file = await answer.json()
  if (answer.status !== 201 || file.size !== size) throw new Error(`The upload answered ${answer.status}.`)
  return file.id
}

export async function startBareFiles(folder, names) {
  const [secret, port] = [randomBytes(32).toString('base64url'), await freePort()]
  const own = mkdtempSync(join(folder, 'bare-files-'))
  const files = names.map(({ name, size }, index) => ({ name, size, id: `file-${index}` }))
  for (const { id, name, size } of files) writeFileSync(join(own, id), fileBytes(name, size))
  const server = new PinnedProcess('bare Fastify, streaming', {
    core: 'server',
    args: [join(import.meta.dirname, '../peers/bare-files.mjs')],
    log: join(own, 'log'),
    talks: true,
    env: {
      PORT: String(port),
      FOLDER: own,
      SECRET: secret,
      FILES: JSON.stringify(files.map(({ id, size }) => ({ id, size, owner: 'reader' }))),
      NODE_ENV: 'production',
    },
  })
  const cookie = tokenCookie({ sub: 'reader' }, secret)
  const stranger = tokenCookie({ sub: 'stranger' }, secret)
  await server.orFailure(untilRefused(`http://127.0.0.1:${port}/api/v1/files/file-0/content`, stranger), 20_000)
  const withCookie = files.map((file) => ({ ...file, cookie }))
  return { name: server.name, port, pid: server.pid, files: withCookie, stop: () => server.stop() }
}

async function untilRefused(url, cookie) {
  const status = () =>
    fetch(url, { headers: { cookie } }).then(
      (answer) => answer.status,
      () => undefined,
    )
  while ((await status()) !== 404) await new Promise((resolve) => setTimeout(resolve, askAgainMs))
}

export const sizes = { small: 64 * 1024, large: 64 * mebibyte }

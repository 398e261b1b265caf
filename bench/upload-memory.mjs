// How much memory a server takes while one large file comes in: by a form, by tus, and by tus with a cut in the middle.
// node bench/upload-memory.mjs [MiB] [--s3]: into the data folder, or into the bucket of a test service
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const mebibyte = 1024 * 1024
const size = Number(process.argv.slice(2).find((each) => /^\d+$/.test(each)) ?? 1024) * mebibyte
const limitMebibytes = 100
const port = 18_473
const dataDir = mkdtempSync(join(tmpdir(), 'atrium-upload-'))
const bucket = process.argv.includes('--s3')
  ? spawn(process.execPath, ['bench/peers/bucket.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] })
  : undefined
const bucketSettings = bucket ? JSON.parse(String((await once(bucket.stdout, 'data'))[0])) : { S3_BUCKET: '' }
const env = {
  ...process.env,
  ...{ PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'silent', RATE_LIMIT_PROFILE: 'off', TESTING: 'true' },
  ...{ FILE_MAX_MB: '5000', FILE_QUOTA_MB: '0', ...bucketSettings },
}
const server = spawn(process.execPath, ['packages/server/src/main.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })

const send = (method, path, headers, write = (out) => out.end()) =>
  new Promise((resolve, reject) => {
    const out = request({ port, method, path, headers }, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      )
    })
    out.on('error', reject)
    write(out)
  })

async function stream(out, bytes, head = '', tail = '') {
  const chunk = Buffer.alloc(mebibyte, 'atrium ')
  out.write(head)
  for (let sent = 0; sent < bytes; sent += mebibyte)
    if (!out.write(chunk.subarray(0, bytes - sent))) await once(out, 'drain')
  out.end(tail)
}

const residentMebibytes = () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024

async function measured(name, work) {
  const before = residentMebibytes()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, residentMebibytes())), 50)
  const started = performance.now()
  const { status, body } = await work()
  clearInterval(timer)
  const seconds = (performance.now() - started) / 1000
  const growth = most - before
  const words = `${name}: ${status} in ${seconds.toFixed(1)} s (${(size / mebibyte / seconds).toFixed(0)} MiB/s)`
  console.log(`${words}; memory ${before.toFixed(0)} MiB before, at most ${growth.toFixed(0)} MiB more`)
  if (status >= 300 || growth > limitMebibytes) throw new Error(`${name} is over the limit or failed: ${body}`)
}

try {
  for (let tries = 0; ; tries++) {
    const live = await send('GET', '/live', {}).catch(() => undefined)
    if (live?.status === 200) break
    if (tries > 200) throw new Error('The server did not start')
    await wait(100)
  }
  const account = {
    username: 'uploader',
    email: 'uploader@example.com',
    password: 'a quiet harbour at dawn',
    token_delivery: 'body',
  }
  const json = { 'content-type': 'application/json' }
  const made = await send('POST', '/api/v1/auth/register', json, (out) => out.end(JSON.stringify(account)))
  const auth = { authorization: `Bearer ${JSON.parse(made.body).access_token}` }
  const boundary = 'atrium-bench'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n`
  const form = (bytes) => () =>
    send('POST', '/api/v1/files', { ...auth, 'content-type': `multipart/form-data; boundary=${boundary}` }, (out) =>
      stream(out, bytes, head, `\r\n--${boundary}--\r\n`),
    )
  const tus = (bytes) => async () => {
    const headers = { ...auth, 'tus-resumable': '1.0.0' }
    const begun = await send('POST', '/api/v1/files/tus', { ...headers, 'upload-length': String(bytes) })
    const more = { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
    return send('PATCH', begun.headers.location, more, (out) => stream(out, bytes))
  }
  const cutTus = (bytes) => async () => {
    const headers = { ...auth, 'tus-resumable': '1.0.0' }
    const { location } = (await send('POST', '/api/v1/files/tus', { ...headers, 'upload-length': String(bytes) }))
      .headers
    const more = { ...headers, 'content-type': 'application/offset+octet-stream' }
    const cut = request({ port, method: 'PATCH', path: location, headers: { ...more, 'upload-offset': '0' } })
    cut.on('error', () => {})
    const chunk = Buffer.alloc(mebibyte, 'atrium ')
    for (let sent = 0; sent < bytes * 0.6; sent += mebibyte) if (!cut.write(chunk)) await once(cut, 'drain')
    cut.destroy()
    const kept = Number((await send('HEAD', location, headers)).headers['upload-offset'])
    console.log(`cut after ${Math.ceil((bytes * 0.6) / mebibyte)} MiB: ${(kept / mebibyte).toFixed(1)} MiB are kept`)
    return send('PATCH', location, { ...more, 'upload-offset': String(kept) }, (out) => stream(out, bytes - kept))
  }
  // What is loaded at first use is not the file's.
  await form(16 * mebibyte)()
  await tus(16 * mebibyte)()
  await measured('form', form(size))
  await measured('tus', tus(size))
  await measured('tus, cut and resumed', cutTus(size))
} finally {
  server.kill('SIGTERM')
  await once(server, 'exit')
  bucket?.stdin.end()
  rmSync(dataDir, { recursive: true, force: true })
}

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareEnvironment } from '../../test/bare-environment.ts'
import { ask, idsOf, nowhere, type Variables, wellPlace } from '../../test/doctor-place.ts'
import { freePort } from '../../test/faults/harness/server-process.ts'
import { MailServer } from '../../test/mail-server.ts'
import {
  isRedisMissing,
  type RedisProcess,
  type SentinelOptions,
  startRedis,
  startSentinel,
  tlsSettings,
} from '../../test/redis-process.ts'
import { type S3Server, startS3Server } from '../../test/s3-server.ts'
import { loadConfig } from '../config/config.ts'
import { examineMail } from './service-checks.ts'

const { well, drop } = wellPlace()
let mail: MailServer
let s3: S3Server
let redis: RedisProcess | undefined
let other: Server
beforeAll(async () => {
  mail = await MailServer.start()
  s3 = await startS3Server()
  redis = isRedisMissing ? undefined : await startRedis(['appendonly yes'])
  other = createServer((_request, response) => response.end('{"hello":"here is another program"}'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
}, 60_000)
afterAll(async () => {
  drop()
  await mail.stop()
  await s3.close()
  await redis?.drop()
  other.close()
})

const port = (server: Server) => (server.address() as AddressInfo).port

describe.skipIf(isRedisMissing)('W10: Redis', () => {
  const at = (url: string) => ({ ...well(), REDIS_URL: url })
  const url = () => redis?.url ?? ''

  it('redis_unreachable, redis_credentials', async () => {
    expect(await idsOf(at('redis://127.0.0.1:1'))).toEqual(['redis_unreachable'])
    expect(await idsOf(at(url().replace(/:[^:@]*@/, ':wrong@')))).toEqual(['redis_credentials'])
  })

  it('redis_evicts, redis_forgets', async () => {
    expect(await idsOf(at(url()))).toEqual([])
    await redis?.tell('CONFIG', 'SET', 'maxmemory', '100mb')
    await redis?.tell('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    await redis?.tell('CONFIG', 'SET', 'appendonly', 'no')
    expect(await idsOf(at(url()))).toEqual(['redis_evicts', 'redis_forgets'])
  })
})

describe.skipIf(isRedisMissing)('W10: Redis Sentinel', () => {
  const group = 'atrium'
  const password = 'a-watchful:eye%40night'
  const urlOf = (name = group, protocol = 'redis:') => {
    const url = new URL(redis?.url ?? '')
    return url.href.replace(url.host, name).replace('redis:', protocol)
  }
  const running: { drop(): Promise<void> }[] = []
  const watch = async (...[of, options]: [of: RedisProcess | undefined, options?: SentinelOptions]) => {
    const sentinel = await startSentinel(group, of as RedisProcess, options)
    running.push(sentinel)
    await expect.poll(() => isOpen(sentinel.address)).toBe(true)
    return sentinel.address
  }
  afterAll(() => Promise.all(running.map((each) => each.drop())))
  beforeAll(async () => {
    await redis?.tell('CONFIG', 'SET', 'appendonly', 'yes')
    await redis?.tell('CONFIG', 'SET', 'maxmemory', '0')
  })

  it('redis_sentinels, redis_sentinel_credentials, redis_credentials', async () => {
    const at = (address: string, more: Variables = {}) => ({
      ...{ ...well(), REDIS_URL: urlOf(), REDIS_SENTINELS: address },
      ...more,
    })
    const open = await watch(redis)
    expect(await idsOf(at(open))).toEqual([])
    expect(await idsOf(at(`127.0.0.1:1,${open}`)), 'the second one knows').toEqual([])
    expect(await idsOf(at('127.0.0.1:1'))).toEqual(['redis_sentinels'])
    expect((await ask(at(open, { REDIS_URL: urlOf('another-group') }))).findings).toMatchObject([
      { id: 'redis_sentinels', detail: 'ERR No such master with that name' },
    ])
    const wrong = urlOf().replace(/:[^:@]*@/, ':wrong@')
    expect(await idsOf(at(open, { REDIS_URL: wrong }))).toEqual(['redis_credentials'])

    const closed = await watch(redis, { password })
    const say = (given: string) => at(closed, { REDIS_SENTINEL_PASSWORD: given })
    expect(await idsOf(say(password))).toEqual([])
    expect(await idsOf(say('wrong'))).toEqual(['redis_sentinel_credentials'])
    expect(await idsOf(at(closed)), 'none is given').toEqual(['redis_sentinel_credentials'])
    const named = await watch(redis, { username: 'atrium', password })
    const as = (username: string) => at(named, { REDIS_SENTINEL_USERNAME: username, REDIS_SENTINEL_PASSWORD: password })
    expect(await idsOf(as('atrium'))).toEqual([])
    expect(await idsOf(as('somebody'))).toEqual(['redis_sentinel_credentials'])
    expect(await idsOf(at(named))).toEqual(['redis_sentinel_credentials'])
  }, 60_000)

  it('by TLS, to the sentinels and to the Redis they name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'atrium-tls-'))
    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names]
    expect(spawnSync('openssl', [...made, '-keyout', key, '-out', certificate]).status).toBe(0)
    const redisPort = await freePort()
    const tls = { certificate, key, redisPort }
    const lines = [`tls-port ${redisPort}`, ...tlsSettings(tls), 'appendonly yes']
    const closed = await startRedis(lines)
    running.push(closed, { drop: async () => rmSync(folder, { recursive: true }) })
    const address = await watch(closed, { password, tls })
    const variables = {
      ...{ ...well(), REDIS_URL: urlOf(group, 'rediss:'), REDIS_SENTINELS: address },
      ...{ REDIS_SENTINEL_PASSWORD: password, NODE_EXTRA_CA_CERTS: certificate },
    }
    // A process of its own: whom Node trusts is said before it starts.
    const found = (more: Variables = {}) => {
      const env = { ...bareEnvironment(), ...variables, ...more }
      const cli = join(import.meta.dirname, '../cli.ts')
      const { stdout } = spawnSync(process.execPath, [cli, '--json', 'doctor'], { env, encoding: 'utf8' })
      return (JSON.parse(stdout) as { findings: { id: string; detail: string }[] }).findings
    }
    expect(found()).toEqual([])
    expect(found({ REDIS_SENTINEL_TLS: 'false' })).toMatchObject([{ id: 'redis_sentinels' }])
    expect(found({ NODE_EXTRA_CA_CERTS: '' }), 'nobody vouches').toMatchObject([{ id: 'redis_sentinels' }])
    // The sentinels by TLS, and what they name without.
    expect(found({ REDIS_URL: urlOf(), REDIS_SENTINEL_TLS: 'true' })).toMatchObject([{ id: 'redis_unreachable' }])
  }, 60_000)
})

function isOpen(address: string): Promise<boolean> {
  const { hostname, port: number } = new URL(`redis://${address}`)
  return new Promise((resolve) => {
    const socket = connect(Number(number), hostname, () => socket.end(() => resolve(true)))
    socket.once('error', () => resolve(false))
  })
}

describe('W10: services', () => {
  it('storage_bucket_missing, storage_denied, storage_public, storage_unreachable', async () => {
    const at = (more: Variables = {}) => ({ ...well(), ...s3.variables, ...more })
    expect(await idsOf(at({ S3_BUCKET: 'no-such-bucket' }))).toEqual(['storage_bucket_missing'])
    // This service shows everything to everybody.
    expect(await idsOf(at())).toEqual(['storage_public'])
    s3.isClosed = true
    expect(await idsOf(at())).toEqual([])
    s3.fault = 'clock'
    expect(await idsOf(at())).toEqual(['storage_denied'])
    s3.fault = 'none'
    expect(await idsOf(at({ S3_ENDPOINT: `http://${nowhere}` }))).toEqual(['storage_unreachable'])
  }, 60_000)

  it('mail_unreachable, mail_tls, mail_credentials', async () => {
    const at = (url: string) => ({ ...well(), SMTP_URL: url, MAIL_FROM: 'a@example.com' })
    expect(await idsOf(at(`${mail.url}?tls=off`))).toEqual([])
    expect(await idsOf(at(`smtp://${nowhere}`))).toEqual(['mail_unreachable'])
    expect(await idsOf(at(`smtps://127.0.0.1:${mail.port}`)), 'it speaks no TLS').toEqual(['mail_tls'])
    // On this machine nobody asks for STARTTLS.
    const config = loadConfig(at(mail.url))
    config.secrets.smtp = { host: '127.0.0.1', port: mail.port, tls: 'starttls', login: null }
    expect(await examineMail(config), 'it has no STARTTLS').toMatchObject([{ id: 'mail_tls' }])
    const strict = await MailServer.start({
      onAuth: (_auth, _session, done) => done(new Error('wrong')),
      ...{ allowInsecureAuth: true, authOptional: false },
    })
    expect(await idsOf(at(`smtp://ann:wrong@127.0.0.1:${strict.port}?tls=off`))).toEqual(['mail_credentials'])
    await strict.stop()
  }, 60_000)

  it('sign_in_provider', async () => {
    const provider = { OIDC_HOUSE_CLIENT_ID: 'a', OIDC_HOUSE_CLIENT_SECRET: 'b' }
    const variables = { ...well(), ...provider, OIDC_HOUSE_ISSUER: `http://127.0.0.1:${port(other)}` }
    const { findings } = await ask(variables)
    expect(findings).toMatchObject([{ id: 'sign_in_provider', detail: expect.stringMatching(/^house: ./) }])
  })

  it('public_url_unreachable, public_url_other', async () => {
    expect(await idsOf({ ...well(), PUBLIC_URL: `http://${nowhere}` })).toEqual(['public_url_unreachable'])
    const variables = { ...well(), PUBLIC_URL: `http://127.0.0.1:${port(other)}` }
    expect(await idsOf(variables)).toEqual(['public_url_other'])
  })
})

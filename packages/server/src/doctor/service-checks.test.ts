import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, idsOf, nowhere, type Variables, wellPlace } from '../../test/doctor-place.ts'
import { MailServer } from '../../test/mail-server.ts'
import { isRedisMissing, type RedisProcess, startRedis } from '../../test/redis-process.ts'
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

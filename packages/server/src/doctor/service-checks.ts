import type { Config } from '../config/config.ts'
import { checkProviders } from '../modules/oauth/index.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/log.ts'
import { SmtpTransport } from '../platform/mail/smtp.ts'
import { openRedis } from '../platform/redis/open-redis.ts'
import { redisScript } from '../platform/redis/redis-script.ts'
import { lostBySentinels } from '../platform/redis/redis-url.ts'
import { S3Storage } from '../platform/storage/s3-storage.ts'
import { type Check, type Finding, found } from './findings.ts'

const answerMs = 5_000
const info = redisScript("return redis.call('INFO')")

export async function examineRedis({ secrets }: Config): Check {
  const redis = await openRedis(secrets.redis, answerMs)
  if (!redis) return []
  try {
    await redis.connect()
    const lines = String(await redis.run(info, [], []))
    const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(lines)?.[1] ?? ''
    const policy = value('maxmemory_policy')
    const isBounded = Number(value('maxmemory')) > 0
    return [
      isBounded && policy.startsWith('allkeys') ? found('redis_evicts', `maxmemory-policy is ${policy}.`) : undefined,
      value('aof_enabled') === '0' ? found('redis_forgets', 'appendonly is no.') : undefined,
    ]
  } catch (error) {
    return [redisRefusal((error as Error).message)]
  } finally {
    redis.close()
  }
}

function redisRefusal(message: string): Finding {
  const lost = lostBySentinels.exec(message)
  if (!lost) return found(isDenied(message) ? 'redis_credentials' : 'redis_unreachable', message)
  const [, reason = 'They do not know the group.'] = lost
  return found(isDenied(reason) ? 'redis_sentinel_credentials' : 'redis_sentinels', reason)
}

const isDenied = (message: string): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|invalid password|without any password/i.test(message)

interface S3Failure {
  name?: string
  message?: string
  $metadata?: { httpStatusCode?: number }
}

export async function examineStorage({ files, secrets }: Config): Check {
  if (files.storage.kind !== 's3') return []
  const storage = new S3Storage(files.storage, secrets.s3)
  // Nobody's: what is left of it is removed by `files reconcile`.
  const key = `zz/${newId()}`
  try {
    await storage.check()
    await storage.put(key, [Buffer.from('written by atrium doctor')])
    const address = await storage.plainAddress(key)
    const isOpen = await isSeenByAnybody(address).finally(() => storage.remove(key))
    return [isOpen ? found('storage_public', `${address.origin} shows an object to anybody.`) : undefined]
  } catch (error) {
    return [storageRefusal((error as { cause?: S3Failure }).cause ?? (error as S3Failure))]
  }
}

async function isSeenByAnybody(address: URL): Promise<boolean> {
  const seen = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(answerMs) })
  await seen.body?.cancel()
  return seen.status === 200
}

function storageRefusal({ name = '', message = '', $metadata }: S3Failure): Finding {
  const status = $metadata?.httpStatusCode
  const detail = [name, status, message].filter((part) => part !== undefined && part !== '').join(' ')
  if (name === 'NoSuchBucket' || status === 404) return found('storage_bucket_missing', detail)
  if (status === 401 || status === 403) return found('storage_denied', detail)
  return found('storage_unreachable', detail)
}

export async function examineMail({ mail, secrets, publicUrl }: Config): Check {
  if (mail.driver !== 'smtp' || !secrets.smtp) return []
  const limits = { connect: answerMs, answer: answerMs, whole: 3 * answerMs }
  try {
    await new SmtpTransport({ server: secrets.smtp, hostname: publicUrl.hostname, limits }).verify()
    return []
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code === 'EAUTH') return [found('mail_credentials', message)]
    const isTls = code === 'ETLS' || /certificate|self-signed|SSL|TLS|STARTTLS/i.test(message)
    return [found(isTls ? 'mail_tls' : 'mail_unreachable', `${code} ${message}`.trim())]
  }
}

export async function examineProviders(config: Config, { log, now }: { log: Logger; now: Clock }): Check {
  const { oauth, secrets } = config
  const refused = await checkProviders({ config: oauth, secrets: secrets.oauth, log, now })
  return refused.map(({ id, problem }) => found('sign_in_provider', `${id}: ${problem}`))
}

/** As people reach it, through whatever lies between. */
export async function examinePublicUrl({ publicUrl, sources }: Config): Check {
  if (sources.PUBLIC_URL?.source !== 'environment') return []
  const address = new URL('/live', publicUrl)
  try {
    const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(answerMs) })
    const text = (await answer.text()).slice(0, 1_000)
    const isOurs = answer.status === 200 && /^\{.*"status"/s.test(text)
    return [isOurs ? undefined : found('public_url_other', `${address.href} answers ${answer.status}.`)]
  } catch (error) {
    const { message, cause } = error as Error
    const reason = cause instanceof Error && cause.message ? cause.message : message
    return [found('public_url_unreachable', `${address.href}: ${reason}`)]
  }
}

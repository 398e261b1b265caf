import { createHash, webcrypto } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { Clock } from '../../platform/clock.ts'
import { isId } from '../../platform/ids.ts'
import type { Keys } from '../../platform/keys.ts'
import { sessionErrors } from './sessions.errors.ts'

export interface AccessClaims {
  userId: string
  sessionId: string
  /** Seconds since 1970. */
  expiresAt: number
  authTime: number
  aal: 1 | 2
}

export interface RefreshClaims {
  sessionId: string
  counter: number
}

/** What a token pair is made of: the same input always gives the same bytes, so two racing refreshes get one successor. */
export interface TokenInput {
  userId: string
  sessionId: string
  counter: number
  /** Seconds since 1970. */
  issuedAt: number
  accessExpiresAt: number
  refreshExpiresAt: number
  authTime: number
  aal: 1 | 2
  /** Named in `act` (RFC 8693 4.1): who really acts. */
  impersonatorId: string | null
}

const audience = 'atrium'

/** Signs and verifies access and refresh tokens (RFC 7519, 8725, 9068). */
export class Tokens {
  readonly #keys: Keys
  readonly #issuer: string
  readonly #now: Clock
  readonly #verified = new MemoryCache<AccessClaims>({ name: 'sessions.tokens', maxEntries: 10_000, maxAgeMs: 600_000 })

  constructor(keys: Keys, issuer: string, now: Clock) {
    this.#keys = keys
    this.#issuer = issuer
    this.#now = now
  }

  async sign(input: TokenInput): Promise<{ accessToken: string; refreshToken: string }> {
    const jti = `${input.sessionId}.${input.counter}`
    const [accessToken, refreshToken] = await Promise.all([
      this.#sign('at+jwt', this.#keys.access, input, jti, input.accessExpiresAt, {
        auth_time: input.authTime,
        aal: input.aal,
        ...(input.impersonatorId === null ? {} : { act: { sub: input.impersonatorId } }),
      }),
      this.#sign('rt+jwt', this.#keys.refresh, input, jti, input.refreshExpiresAt, { ctr: input.counter }),
    ])
    return { accessToken, refreshToken }
  }

  async #sign(
    typ: string,
    key: Buffer,
    input: TokenInput,
    jti: string,
    exp: number,
    more: JWTPayload,
  ): Promise<string> {
    return new SignJWT({ sid: input.sessionId, ...more })
      .setProtectedHeader(headerOf(typ, key))
      .setIssuer(this.#issuer)
      .setAudience(audience)
      .setSubject(input.userId)
      .setJti(jti)
      .setIssuedAt(input.issuedAt)
      .setExpirationTime(exp)
      .sign(await cryptoKeyOf(key))
  }

  /** Claims of a good token; `expired` tells how long ago it ended. Throws token_invalid for anything else. */
  async verifyAccess(token: string): Promise<AccessClaims & { expiredFor: number }> {
    const known = this.#verified.get(token)
    const claims = known ?? toAccessClaims(await this.#verify(token, this.#keyOf(token, 'access'), 'at+jwt'))
    if (!known) this.#verified.set(token, claims)
    return { ...claims, expiredFor: Math.max(0, this.#now().getTime() / 1000 - claims.expiresAt) }
  }

  /** Throws refresh_invalid for anything that is not a refresh token of ours; an ended one is judged by its session. */
  async verifyRefresh(token: string): Promise<RefreshClaims> {
    const payload = await this.#verify(token, this.#keyOf(token, 'refresh'), 'rt+jwt').catch((error: unknown) => {
      throw sessionErrors.refresh_invalid({ cause: error })
    })
    if (!Number.isSafeInteger(payload.ctr)) throw sessionErrors.refresh_invalid()
    return { sessionId: payload.sid as string, counter: payload.ctr as number }
  }

  /** The key whose name the header bears; one that is not ours ends as any other token that is not. */
  #keyOf(token: string, kind: 'access' | 'refresh'): Buffer {
    const typ = kind === 'access' ? 'at+jwt' : 'rt+jwt'
    return this.#keys.old[kind].find((key) => hasOwnHeader(token, typ, key)) ?? this.#keys[kind]
  }

  async #verify(token: string, key: Buffer, typ: string): Promise<JWTPayload> {
    if (token.length > 2048 || !isCanonical(token) || !hasOwnHeader(token, typ, key))
      throw sessionErrors.token_invalid()
    const now = this.#now()
    const options = {
      algorithms: ['HS256'],
      issuer: this.#issuer,
      audience,
      typ,
      currentDate: now,
      requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
    }
    const payload = await jwtVerify(token, await cryptoKeyOf(key), options)
      .then((result) => result.payload)
      .catch((error: unknown) => {
        // An ended token has a right signature and right claims: how long ago it ended is for the caller to judge.
        if (error instanceof errors.JWTExpired) return error.payload
        throw sessionErrors.token_invalid({ cause: error })
      })
    const sound =
      isOwnId(payload.sub) &&
      isOwnId(payload.sid) &&
      Number.isSafeInteger(payload.exp) &&
      Number.isSafeInteger(payload.iat) &&
      (payload.iat as number) <= now.getTime() / 1000 + 60
    if (!sound) throw sessionErrors.token_invalid()
    return payload
  }
}

function toAccessClaims(payload: JWTPayload): AccessClaims {
  if (!Number.isSafeInteger(payload.auth_time) || (payload.aal !== 1 && payload.aal !== 2)) {
    throw sessionErrors.token_invalid()
  }
  return {
    userId: payload.sub as string,
    sessionId: payload.sid as string,
    expiresAt: payload.exp as number,
    authTime: payload.auth_time as number,
    aal: payload.aal,
  }
}

/**
 * True when the text is the only spelling of its bytes. Decoders also take padding, spaces and other last characters;
 * two spellings of one token would let a list of ended tokens be passed by.
 */
function isCanonical(token: string): boolean {
  const parts = token.split('.')
  return (
    parts.length === 3 &&
    parts.every((part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part)
  )
}

const isOwnId = (claim: unknown): boolean => typeof claim === 'string' && isId(claim)

const headerOf = (typ: string, key: Buffer) => ({ alg: 'HS256', typ, kid: keyId(key) })

/** True for the one header we write: algorithm, key and extensions are ours to choose, never the token's. */
const hasOwnHeader = (token: string, typ: string, key: Buffer): boolean =>
  token.startsWith(`${Buffer.from(JSON.stringify(headerOf(typ, key))).toString('base64url')}.`)

const imported = new WeakMap<Buffer, Promise<webcrypto.CryptoKey>>()

/** What jose would make of the bytes, anew with each token. */
function cryptoKeyOf(key: Buffer): Promise<webcrypto.CryptoKey> {
  const known = imported.get(key) ?? webcrypto.subtle.importKey('raw', key, hmac, false, ['sign', 'verify'])
  imported.set(key, known)
  return known
}

const hmac = { name: 'HMAC', hash: 'SHA-256' }

const keyId = (key: Buffer): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)

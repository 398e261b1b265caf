// Tokens as the peers take them: JWT with HS256, in a cookie.
import { createHmac, createSecretKey, randomUUID, timingSafeEqual } from 'node:crypto'

const name = 'access_token_cookie='

export function signToken(claims, secret) {
  const now = Math.floor(Date.now() / 1000)
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const all = { ...claims, jti: randomUUID(), sid: randomUUID(), iat: now, exp: now + 86_400 }
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(all)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** The claims of a token that counts; throws for any other. */
export function createTokenVerifier(secret) {
  const key = createSecretKey(Buffer.from(secret))
  const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return (token) => {
    const [head, payload, signature = ''] = token.split('.')
    const expected = createHmac('sha256', key).update(`${head}.${payload}`).digest()
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('wrong signature')
    const claims = decode(payload)
    if (decode(head).alg !== 'HS256' || claims.exp * 1000 < Date.now()) throw new Error('not usable')
    return claims
  }
}

/** The same from a Cookie header that holds nothing else. */
export function createTokenCheck(secret) {
  const verify = createTokenVerifier(secret)
  return (cookie = '') => verify(cookie.startsWith(name) ? cookie.slice(name.length) : '')
}

export const tokenCookie = (claims, secret) => `${name}${signToken(claims, secret)}`

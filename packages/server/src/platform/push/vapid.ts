import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto'

/** Who sends pushes, towards the push services (RFC 8292). */
export interface VapidKey {
  /** What browsers subscribe with: the point, base64url. */
  publicKey: string
  /** base64url. */
  privateKey: string
}

const lifeSeconds = 12 * 3600

export function newVapidKey(): VapidKey {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  // Without its leading zeros it would be no JWK.
  const privateKey = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()]).subarray(-32)
  return { publicKey: pair.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') }
}

/** Throws when it is no private key of the curve. */
export function vapidKeyOf(privateKey: string): VapidKey {
  const bytes = Buffer.from(privateKey, 'base64url')
  if (bytes.length !== 32) throw new Error('must be 32 bytes in base64url')
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(bytes)
  return { publicKey: pair.getPublicKey('base64url'), privateKey: bytes.toString('base64url') }
}

/** The Authorization header for one push service. */
export function vapidHeader(key: VapidKey, { origin }: URL, subject: string, now: Date): string {
  const expires = Math.floor(now.getTime() / 1000) + lifeSeconds
  const text = [
    { typ: 'JWT', alg: 'ES256' },
    { aud: origin, exp: expires, sub: subject },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(text), { key: keyObjectOf(key), dsaEncoding: 'ieee-p1363' })
  return `vapid t=${text}.${signature.toString('base64url')}, k=${key.publicKey}`
}

function keyObjectOf({ publicKey, privateKey }: VapidKey): KeyObject {
  const point = Buffer.from(publicKey, 'base64url')
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')]
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: privateKey }, format: 'jwk' })
}

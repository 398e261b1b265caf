import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  hkdfSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto'
import { attestation, attestedCredential, authenticatorData, type Cbor, coseKey } from './software-authenticator.ts'

/**
 * The test vectors of WebAuthn Level 3 (W3C, section "Test Vectors"), made anew the way that section says they were
 * made: HKDF-SHA-256 of one text with a counter as salt, ECDSA with the nonce of RFC 6979, an RSA key of two Mersenne
 * primes. None of them is copied here; `webauthn.test.ts` compares digests to see that these are the published bytes.
 */
export interface WebauthnVector {
  name: string
  registration: { challenge: string; clientDataJSON: Buffer; authData: Buffer; attestationObject: Buffer }
  assertion: { challenge: string; clientDataJSON: Buffer; authenticatorData: Buffer; signature: Buffer }
  credentialId: string
}

interface Form {
  key?: 'ES256' | 'EdDSA' | 'RS256'
  selfAttested?: boolean
  /** An attestation certificate takes two more random values. Ours is left out: we ask for none. */
  certified?: boolean
  crossOrigin?: boolean
  topOrigin?: string
  credentialIdLength?: number
}

const rpId = 'example.org'
export const vectorParty = { id: rpId, name: 'W3C', origins: () => [`https://${rpId}`] }

export const webauthnVectors = (): WebauthnVector[] => [
  vector('none.ES256', {}),
  vector('packed-self.ES256', { selfAttested: true }),
  vector('none.ES256.crossOrigin', { crossOrigin: true }),
  vector('none.ES256.topOrigin', { crossOrigin: true, topOrigin: 'https://example.com' }),
  vector('none.ES256.long-credential-id', { credentialIdLength: 1023 }),
  vector('packed.ES256', { certified: true }),
  vector('packed.RS256', { certified: true, key: 'RS256' }),
  vector('packed.EdDSA', { certified: true, key: 'EdDSA' }),
]

function vector(name: string, form: Form): WebauthnVector {
  let salt = 0
  const random = (length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', 'WebAuthn test vectors', Buffer.from([salt++]), name, length))
  const clientData = (type: string, challenge: Buffer): Buffer => {
    const hasMore = ((random(1)[0] ?? 0) & 1) === 1
    const more = hasMore ? { extraData: `${extraText}${random(16).toString('base64url')}` } : {}
    const { crossOrigin = false, topOrigin } = form
    const base = { type, challenge: challenge.toString('base64url'), origin: `https://${rpId}`, crossOrigin }
    return Buffer.from(JSON.stringify({ ...base, ...(topOrigin ? { topOrigin } : {}), ...more }))
  }

  const challenge = random(32)
  const key = privateKey(form.key ?? 'ES256', random)
  const clientDataJSON = clientData('webauthn.create', challenge)
  const aaguid = random(16)
  const id = random(form.credentialIdLength ?? 32)
  const flags = (random(1)[0] ?? 0) & 0b1_1100
  const eligible = flags & 0b1000
  const authData = Buffer.concat([
    authenticatorData(rpId, 0x41 | (eligible ? flags : flags & 0b100), 0),
    attestedCredential(aaguid, id, coseKey(key.object)),
  ])
  const statement = new Map<string, Cbor>()
  if (form.selfAttested) statement.set('alg', -7).set('sig', key.sign(signedBytes(authData, clientDataJSON)))
  if (form.certified) [random(32), random(16)]

  const secondChallenge = random(32)
  const secondData = clientData('webauthn.get', secondChallenge)
  const used = (random(1)[0] ?? 0) & (eligible ? 0b1_0100 : 0b100)
  const assertionData = authenticatorData(rpId, 1 | used | eligible, 0)
  return {
    name,
    registration: {
      challenge: challenge.toString('base64url'),
      clientDataJSON,
      authData,
      attestationObject: attestation(form.selfAttested ? 'packed' : 'none', statement, authData),
    },
    assertion: {
      challenge: secondChallenge.toString('base64url'),
      clientDataJSON: secondData,
      authenticatorData: assertionData,
      signature: key.sign(signedBytes(assertionData, secondData)),
    },
    credentialId: id.toString('base64url'),
  }
}

const extraText = 'clientDataJSON may be extended with additional fields in the future, such as this: '

const signedBytes = (authData: Buffer, clientDataJSON: Buffer): Buffer =>
  Buffer.concat([authData, createHash('sha256').update(clientDataJSON).digest()])

interface Signer {
  object: KeyObject
  sign(data: Buffer): Buffer
}

function privateKey(kind: 'ES256' | 'EdDSA' | 'RS256', random: (length: number) => Buffer): Signer {
  if (kind === 'RS256') {
    const object = createPrivateKey({ key: mersenneKey(), format: 'jwk' })
    return { object, sign: (data) => sign('sha256', data, object) }
  }
  const secret = random(32)
  if (kind === 'EdDSA') {
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret])
    const object = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    return { object, sign: (data) => sign(null, data, object) }
  }
  const [x, y] = coordinates(secret)
  const jwk = { kty: 'EC', crv: 'P-256', d: secret.toString('base64url'), x: text(x), y: text(y) }
  return { object: createPrivateKey({ key: jwk, format: 'jwk' }), sign: (data) => deterministic(secret, data) }
}

const text = (bytes: Buffer): string => bytes.toString('base64url')

/** `scalar` times the generator of P-256. */
function coordinates(scalar: Buffer): [Buffer, Buffer] {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  return [point.subarray(1, 33), point.subarray(33)]
}

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** ECDSA over P-256 and SHA-256 with the nonce of RFC 6979 3.2, as DER. */
function deterministic(secret: Buffer, data: Buffer): Buffer {
  const digest = createHash('sha256').update(data).digest()
  const nonce = nonceOf(secret, bytesOf(toInt(digest) % order))
  const r = toInt(coordinates(nonce)[0]) % order
  const s = (power(toInt(nonce), order - 2n, order) * (toInt(digest) + r * toInt(secret))) % order
  const body = Buffer.concat([derInteger(r), derInteger(s)])
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

/** The first candidate is in range but for one in 2^32. */
function nonceOf(secret: Buffer, digest: Buffer): Buffer {
  const mac = (key: Buffer, ...parts: Buffer[]) => createHmac('sha256', key).update(Buffer.concat(parts)).digest()
  const start = Buffer.alloc(32, 1)
  const first = mac(Buffer.alloc(32), start, Buffer.from([0]), secret, digest)
  const middle = mac(first, start)
  const second = mac(first, middle, Buffer.from([1]), secret, digest)
  return mac(second, mac(second, middle))
}

const toInt = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)
const bytesOf = (value: bigint, length = 32): Buffer => Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  const signed = (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
  return Buffer.concat([Buffer.from([2, signed.length]), signed])
}

/** The two smallest Mersenne primes of 1024 bits and more. */
function mersenneKey(): JsonWebKey {
  const [p, q, e] = [2n ** 1279n - 1n, 2n ** 2203n - 1n, 65537n]
  const phi = (p - 1n) * (q - 1n)
  const d = inverse(e, phi)
  const of = (value: bigint) => text(bytesOf(value, Math.ceil(value.toString(16).length / 2)))
  return {
    kty: 'RSA',
    ...{ n: of(p * q), e: of(e), d: of(d), p: of(p), q: of(q) },
    ...{ dp: of(d % (p - 1n)), dq: of(d % (q - 1n)), qi: of(power(q, p - 2n, p)) },
  }
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

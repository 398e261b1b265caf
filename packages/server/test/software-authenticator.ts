import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** What a page or an authenticator may do otherwise than it should. */
export interface Tricks {
  origin?: string
  rpId?: string
  challenge?: string
  type?: string
  crossOrigin?: boolean
  topOrigin?: string
  userPresent?: boolean
  userVerified?: boolean
  /** Whether the key may be copied to other devices, and was. Fixed when the key is made. */
  backupEligible?: boolean
  backedUp?: boolean
  /** Default 0, as most passkeys have it: they do not count. */
  counter?: number
  /** Null: the authenticator does not say whose key it is. */
  userHandle?: string | null
}

interface Key {
  id: string
  privateKey: KeyObject
  rpId: string
  userHandle: string
  backupEligible: boolean
}

interface CreationOptions {
  challenge: string
  rp: { id: string }
  user: { id: string }
}
interface RequestOptions {
  challenge: string
  rpId: string
  allowCredentials?: readonly { id: string }[]
}

type Algorithm = 'ES256' | 'EdDSA' | 'RS256'

const hash = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest()

/** A browser with an authenticator: makes passkeys and answers challenges as `toJSON()` gives them. */
export class SoftwareAuthenticator {
  readonly #origin: string
  readonly #algorithm: Algorithm
  readonly #keys: Key[] = []

  /** `origin`: the page's; a test application's own by default. */
  constructor(options: { origin?: string; algorithm?: Algorithm } = {}) {
    this.#origin = options.origin ?? 'http://localhost:8000'
    this.#algorithm = options.algorithm ?? 'ES256'
  }

  /** Credential ids, oldest first. */
  get ids(): string[] {
    return this.#keys.map((key) => key.id)
  }

  /** `navigator.credentials.create`. With `credentialId` of a key it has, that key is offered again. */
  create(options: CreationOptions, tricks: Tricks & { credentialId?: string } = {}) {
    const known = this.#keys.find((key) => key.id === tricks.credentialId)
    const key = known ?? {
      id: tricks.credentialId ?? randomBytes(32).toString('base64url'),
      privateKey: newKey(this.#algorithm),
      rpId: options.rp.id,
      userHandle: options.user.id,
      backupEligible: tricks.backupEligible ?? true,
    }
    if (!known) this.#keys.push(key)
    const authData = Buffer.concat([
      this.#authenticatorData(key, tricks, 0x40),
      attestedCredential(Buffer.alloc(16), Buffer.from(key.id, 'base64url'), coseKey(key.privateKey)),
    ])
    const clientDataJSON = this.#clientData('webauthn.create', options.challenge, tricks)
    const attestationObject = attestation('none', new Map(), authData)
    return {
      ...idsOf(key),
      authenticatorAttachment: 'platform',
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        publicKeyAlgorithm: algorithmIds[this.#algorithm],
        transports: ['internal', 'hybrid'],
      },
    }
  }

  /** `navigator.credentials.get`: with the newest key that may be used, or the one named. */
  get(options: RequestOptions, tricks: Tricks & { credentialId?: string } = {}) {
    const allowed = options.allowCredentials ?? []
    const usable = this.#keys.filter((key) => allowed.length === 0 || allowed.some(({ id }) => id === key.id))
    const key = this.#keys.find(({ id }) => id === tricks.credentialId) ?? usable.at(-1)
    if (!key) throw new Error('This authenticator has no key for that')
    const authenticatorData = this.#authenticatorData(key, tricks, 0)
    const clientDataJSON = this.#clientData('webauthn.get', options.challenge, tricks)
    const signature = signWith(key.privateKey, Buffer.concat([authenticatorData, hash(clientDataJSON)]))
    const handle = tricks.userHandle === undefined ? key.userHandle : tricks.userHandle
    return {
      ...idsOf(key),
      authenticatorAttachment: 'platform',
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(handle === null ? {} : { userHandle: handle }),
      },
    }
  }

  #clientData(type: string, challenge: string, tricks: Tricks): Buffer {
    const data = {
      type: tricks.type ?? type,
      challenge: tricks.challenge ?? challenge,
      origin: tricks.origin ?? this.#origin,
      crossOrigin: tricks.crossOrigin ?? false,
      ...(tricks.topOrigin === undefined ? {} : { topOrigin: tricks.topOrigin }),
    }
    return Buffer.from(JSON.stringify(data))
  }

  #authenticatorData(key: Key, tricks: Tricks, more: number): Buffer {
    const { userPresent = true, userVerified = true, counter = 0 } = tricks
    const backupEligible = tricks.backupEligible ?? key.backupEligible
    const backedUp = tricks.backedUp ?? backupEligible
    const flags =
      Number(userPresent) | (Number(userVerified) << 2) | (Number(backupEligible) << 3) | (Number(backedUp) << 4)
    return authenticatorData(tricks.rpId ?? key.rpId, flags | more, counter)
  }
}

const idsOf = (key: Key) => ({ id: key.id, rawId: key.id, type: 'public-key', clientExtensionResults: {} })

const algorithmIds = { ES256: -7, EdDSA: -8, RS256: -257 } as const

function newKey(algorithm: Algorithm): KeyObject {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

export const signWith = (key: KeyObject, data: Uint8Array): Buffer =>
  sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key)

/** WebAuthn L3 6.1, up to the counter. */
export function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  return Buffer.concat([hash(rpId), Buffer.from([flags]), count])
}

/** WebAuthn L3 6.5.1. */
export function attestedCredential(aaguid: Uint8Array, id: Uint8Array, publicKey: Uint8Array): Buffer {
  return Buffer.concat([aaguid, Buffer.from([id.length >> 8, id.length & 255]), id, publicKey])
}

/** WebAuthn L3 6.5.4. */
export const attestation = (fmt: string, statement: Map<string, Cbor>, authData: Uint8Array): Buffer =>
  cbor(
    new Map<string, Cbor>([
      ['fmt', fmt],
      ['attStmt', statement],
      ['authData', authData],
    ]),
  )

/** A public key as COSE writes it (RFC 9053), from the private one. */
export function coseKey(privateKey: KeyObject): Buffer {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  const part = (text: string | undefined) => Buffer.from(text ?? '', 'base64url')
  if (jwk.kty === 'EC') return cbor(numbered([1, 2], [3, -7], [-1, 1], [-2, part(jwk.x)], [-3, part(jwk.y)]))
  if (jwk.kty === 'OKP') return cbor(numbered([1, 1], [3, -8], [-1, 6], [-2, part(jwk.x)]))
  return cbor(numbered([1, 3], [3, -257], [-1, part(jwk.n)], [-2, part(jwk.e)]))
}

const numbered = (...entries: [number, Cbor][]): Map<number, Cbor> => new Map(entries)

export type Cbor = number | string | Uint8Array | Map<number, Cbor> | Map<string, Cbor>

/** The little of CBOR that WebAuthn needs (RFC 8949). */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])])
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count])
  if (count < 256) return Buffer.from([(major << 5) | 24, count])
  return Buffer.from([(major << 5) | 25, count >> 8, count & 255])
}

import { createHash, generateKeyPairSync, sign } from 'node:crypto'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** ES256 (RFC 7518 3.4) with a key that lives as long as the process: whoever signs in is who they say only here. */
export class SigningKey {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #kid: string
  readonly #publicKey: object

  constructor() {
    this.#publicKey = this.#pair.publicKey.export({ format: 'jwk' })
    this.#kid = createHash('sha256').update(JSON.stringify(this.#publicKey)).digest('base64url').slice(0, 8)
  }

  keySet(): { keys: object[] } {
    return { keys: [{ ...this.#publicKey, kid: this.#kid, alg: 'ES256', use: 'sig' }] }
  }

  sign(claims: object): string {
    const text = `${part({ alg: 'ES256', typ: 'JWT', kid: this.#kid })}.${part(claims)}`
    const key = { key: this.#pair.privateKey, dsaEncoding: 'ieee-p1363' as const }
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
}

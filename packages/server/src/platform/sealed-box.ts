import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { SealingKeys } from './keys.ts'

/** Encrypts what must be read again and be worthless in a dump (AES-256-GCM; the key stays outside the database). */
export class SealedBox {
  readonly #key: Buffer
  readonly #keyId: string
  readonly #known: ReadonlyMap<string, Buffer>

  constructor(keys: SealingKeys) {
    this.#key = keys[0]
    this.#keyId = idOf(keys[0])
    this.#known = new Map(keys.map((key) => [idOf(key), key]))
  }

  /** `purpose` is bound to the text: what was sealed for one purpose opens for no other. */
  seal(text: string, purpose: string): string {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(purpose))
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${this.#keyId}.${sealed.toString('base64url')}`
  }

  /** Throws when it was sealed with another key or for another purpose, or was changed. */
  open(sealed: string, purpose: string): string {
    const [keyId, body = ''] = sealed.split('.')
    const key = this.#known.get(keyId ?? '')
    if (!key) throw new Error('This was sealed with another SECRET_KEY')
    const bytes = Buffer.from(body, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
  }
}

const idOf = (key: Buffer): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)

import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'

/** What a browser gave for its subscription: its public key and its secret, base64url. */
export interface ReceiverKeys {
  p256dh: string
  auth: string
}

const curve = 'prime256v1'
const recordSize = 4096
/** What fits one record with its header, delimiter and tag. */
export const longestPayload = recordSize - 86 - 17

/** Whether these are a point of the curve and a secret of the right size. */
export function areReceiverKeys({ p256dh, auth }: ReceiverKeys): boolean {
  const point = Buffer.from(p256dh, 'base64url')
  if (point.length !== 65 || point[0] !== 4 || Buffer.from(auth, 'base64url').length !== 16) return false
  try {
    const ours = createECDH(curve)
    ours.generateKeys()
    ours.computeSecret(point)
    return true
  } catch {
    return false
  }
}

/** The body of a push that only that browser can read (RFC 8291, one record of RFC 8188). `fixed` is for its test vector. */
export function encryptPush(
  payload: Buffer,
  receiver: ReceiverKeys,
  fixed?: { privateKey: Buffer; salt: Buffer },
): Buffer {
  if (payload.length > longestPayload) throw new Error('The payload of a push is too long')
  const [theirKey, secret] = [Buffer.from(receiver.p256dh, 'base64url'), Buffer.from(receiver.auth, 'base64url')]
  const pair = createECDH(curve)
  if (fixed) pair.setPrivateKey(fixed.privateKey)
  else pair.generateKeys()
  const ourKey = pair.getPublicKey()
  const salt = fixed?.salt ?? randomBytes(16)

  const info = Buffer.concat([Buffer.from('WebPush: info\0'), theirKey, ourKey])
  const material = derive(pair.computeSecret(theirKey), secret, info, 32)
  const key = derive(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12)

  const head = Buffer.alloc(21)
  salt.copy(head)
  head.writeUInt32BE(recordSize, 16)
  head.writeUInt8(ourKey.length, 20)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  // 2: the last record.
  const body = [cipher.update(payload), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([head, ourKey, ...body])
}

const derive = (material: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', material, salt, info, length))

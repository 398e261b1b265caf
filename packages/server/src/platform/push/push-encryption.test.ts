import { createECDH } from 'node:crypto'
import { expect, it } from 'vitest'
import { areReceiverKeys, encryptPush, longestPayload } from './push-encryption.ts'

/** RFC 8291, appendix A. */
const example = {
  payload: 'When I grow up, I want to be a watermelon',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  privateKey: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  body: 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
}
const bytes = (text: string) => Buffer.from(text, 'base64url')

it('N01: what is pushed is encrypted as RFC 8291 shows it', () => {
  const fixed = { privateKey: bytes(example.privateKey), salt: bytes(example.salt) }
  expect(encryptPush(Buffer.from(example.payload), example, fixed).toString('base64url')).toBe(example.body)
})

it('never twice the same, and never longer than a service takes', () => {
  const payload = Buffer.from('x'.repeat(longestPayload))
  const [first, second] = [encryptPush(payload, example), encryptPush(payload, example)]
  expect(first.equals(second)).toBe(false)
  expect(first.length).toBe(4096)
  expect(() => encryptPush(Buffer.concat([payload, Buffer.of(0)]), example)).toThrow('too long')
})

it('keys that no browser makes are told from others', () => {
  expect(areReceiverKeys(example)).toBe(true)
  const point = createECDH('prime256v1').generateKeys()
  expect(areReceiverKeys({ ...example, p256dh: point.toString('base64url') })).toBe(true)
  const offCurve = Buffer.from(point)
  offCurve.writeUInt8((offCurve[64] ?? 0) ^ 1, 64)
  for (const p256dh of ['', 'AAAA', offCurve.toString('base64url'), point.subarray(0, 64).toString('base64url')]) {
    expect(areReceiverKeys({ ...example, p256dh })).toBe(false)
  }
  expect(areReceiverKeys({ ...example, auth: 'AAAA' })).toBe(false)
})

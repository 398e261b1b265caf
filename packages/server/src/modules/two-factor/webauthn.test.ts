import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { coseKey } from '../../../test/software-authenticator.ts'
import { vectorParty, type WebauthnVector, webauthnVectors } from '../../../test/webauthn-vectors.ts'
import { verifyAssertion, verifyAttestation } from './webauthn.ts'

const vectors = webauthnVectors()

/** SHA-256 of the published bytes: the outputs of registration, then those of authentication. */
const published: Record<string, string> = {
  'none.ES256': '649874d44aab0a7e9dbf210eb22b33f359c3b89819afae2e3094056cecd208c2',
  'packed-self.ES256': 'a5a3a75de4b7519d4a006823af9440cda4658a86ec5778553d10d5da9aac0a4c',
  'none.ES256.crossOrigin': 'bf2ca948f7578dba3f83897659c7099b8698c2bd3339ad6fbadb9874dcf60c38',
  'none.ES256.topOrigin': 'c28e83d5df5647c4569845e75b88414952dd4bc955240866c5df4fdb4886a0f8',
  'none.ES256.long-credential-id': 'e8f7a744566926e8a7a2d682b6e6f000332624e85b31342754bf827142261fab',
  // Without the attestation around the authenticator data: theirs has a certificate, ours none.
  'packed.ES256': '723744c05c4ab053a2c7fcfd2aa5874bc03b35eea640fbde810a18ce2009dbd1',
  'packed.RS256': 'd64dbd8f241118bce1c5d11746d9937d4e530ca4c657a3fd5e87d779bdac817e',
  'packed.EdDSA': 'd3912b3be6c7c9cbdcb837bf492720f7c262054f61bb607e993c8b55981f5778',
}

const text = (bytes: Buffer) => bytes.toString('base64url')
const idsOf = ({ credentialId }: WebauthnVector) => ({
  id: credentialId,
  rawId: credentialId,
  type: 'public-key' as const,
})

const register = (vector: WebauthnVector, party = vectorParty) => {
  const { challenge, clientDataJSON, attestationObject } = vector.registration
  const response = { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) }
  return verifyAttestation(party, { ...idsOf(vector), response }, challenge)
}

const authenticate = (
  vector: WebauthnVector,
  credential: { id: string; publicKey: string; backupEligible: boolean },
  party = vectorParty,
) => {
  const { challenge, clientDataJSON, authenticatorData, signature } = vector.assertion
  const response = {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
  }
  return verifyAssertion(
    party,
    { ...idsOf(vector), response },
    { challenge, credential, userVerification: 'preferred' },
  )
}

describe('AU14 the test vectors of WebAuthn Level 3', () => {
  it.each(vectors)('are the published ones: $name', ({ name, registration, assertion }) => {
    const attested = name.startsWith('packed.') ? registration.authData : registration.attestationObject
    const { clientDataJSON, authenticatorData, signature } = assertion
    const all = Buffer.concat([registration.clientDataJSON, attested, clientDataJSON, authenticatorData, signature])
    expect(createHash('sha256').update(all).digest('hex')).toBe(published[name])
  })

  it.each(vectors.filter(({ name }) => !/Origin$/.test(name)))('are accepted: $name', async (vector) => {
    const made = await register(vector)
    if (!made) throw new Error('registration was refused')
    expect(made.id).toBe(vector.credentialId)
    expect(made.counter).toBe(0)
    expect(await authenticate(vector, made)).toMatchObject({ counter: 0 })
    expect(await authenticate(vector, { ...made, backupEligible: !made.backupEligible })).toBeUndefined()
    const elsewhere = { ...vectorParty, origins: () => ['https://www.example.org', 'https://example.org:8443'] }
    expect(await register(vector, elsewhere)).toBeUndefined()
    expect(await authenticate(vector, made, elsewhere)).toBeUndefined()
    const other = { ...vectorParty, id: 'www.example.org' }
    expect(await register(vector, other)).toBeUndefined()
    expect(await authenticate(vector, made, other)).toBeUndefined()
  })

  it.each(vectors.filter(({ name }) => /Origin$/.test(name)))(
    'made inside a foreign page are refused: $name',
    async (vector) => {
      expect(await register(vector)).toBeUndefined()
      // As if the key had been registered by some page of ours.
      const { authData } = vector.registration
      const publicKey = text(authData.subarray(55 + 32))
      const backupEligible = ((authData[32] ?? 0) & 8) !== 0
      expect(await authenticate(vector, { id: vector.credentialId, publicKey, backupEligible })).toBeUndefined()
    },
  )

  it('one changed byte anywhere is refused', async () => {
    const [vector] = vectors
    if (!vector) throw new Error('no vector')
    const made = await register(vector)
    if (!made) throw new Error('registration was refused')
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
      const bytes = Buffer.from(vector.assertion[part])
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
      const changed = { ...vector, assertion: { ...vector.assertion, [part]: bytes } }
      expect(await authenticate(changed, made), part).toBeUndefined()
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(await authenticate(vector, { ...made, publicKey: text(coseKey(privateKey)) })).toBeUndefined()
  })
})

import { createHash } from 'node:crypto'
import type { AssertionCredential, AttestationCredential } from './passkeys.schema.ts'

/** Who asks for passkeys: they are bound to its `id`, and to pages of its origins. */
export interface RelyingParty {
  /** The host name of PUBLIC_URL. */
  id: string
  name: string
  origins(): readonly string[]
}

/** It brings all there is of certificates: 4 MiB that only a passkey needs. */
const library = () => import('@simplewebauthn/server')

/** ES256, EdDSA, RS256 (RFC 9053): what authenticators have. */
export const algorithms = [-7, -8, -257]

/** What a page told the authenticator; undefined when it cannot be read. */
interface ClientData {
  challenge: string
  isEmbedded: boolean
}

export function readClientData(clientDataJSON: string): ClientData | undefined {
  try {
    const data = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')) as Record<string, unknown>
    if (typeof data?.challenge !== 'string') return undefined
    // A frame on a foreign page could make people confirm what they do not see. The library lets some of these pass.
    const isEmbedded = (data.crossOrigin !== undefined && data.crossOrigin !== false) || data.topOrigin !== undefined
    return { challenge: data.challenge, isEmbedded }
  } catch {
    return undefined
  }
}

export interface NewCredential {
  /** Base64url, as the two below it. */
  id: string
  publicKey: string
  counter: number
  aaguid: string
  backupEligible: boolean
  backedUp: boolean
}

/** Checks what `navigator.credentials.create` gave for a challenge of ours; undefined when anything is wrong with it. */
export async function verifyAttestation(
  party: RelyingParty,
  credential: AttestationCredential,
  challenge: string,
): Promise<NewCredential | undefined> {
  if (readClientData(credential.response.clientDataJSON)?.isEmbedded !== false) return undefined
  const { verifyRegistrationResponse } = await library()
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        ...idsOf(credential),
        response: {
          clientDataJSON: credential.response.clientDataJSON,
          attestationObject: credential.response.attestationObject,
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins()],
      expectedRPID: party.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    })
    if (!verified || registrationInfo.credential.id !== credential.id) return undefined
    const { credential: made, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo
    return {
      id: made.id,
      publicKey: Buffer.from(made.publicKey).toString('base64url'),
      counter: made.counter,
      aaguid,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
    }
  } catch {
    return undefined
  }
}

export interface KnownCredential {
  id: string
  publicKey: string
  backupEligible: boolean
}

/**
 * Checks what `navigator.credentials.get` gave for a challenge of ours; undefined when anything is wrong with it. That
 * the counter goes on is for the caller to see to, in the statement that stores it.
 */
export async function verifyAssertion(
  party: RelyingParty,
  assertion: AssertionCredential,
  expected: { challenge: string; credential: KnownCredential; userVerification: 'required' | 'preferred' },
): Promise<{ counter: number; backedUp: boolean; userVerified: boolean } | undefined> {
  const { challenge, credential, userVerification } = expected
  if (readClientData(assertion.response.clientDataJSON)?.isEmbedded !== false) return undefined
  const { verifyAuthenticationResponse } = await library()
  try {
    const { clientDataJSON, authenticatorData, signature } = assertion.response
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: { ...idsOf(assertion), response: { clientDataJSON, authenticatorData, signature } },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins()],
      expectedRPID: party.id,
      credential: {
        id: credential.id,
        publicKey: new Uint8Array(Buffer.from(credential.publicKey, 'base64url')),
        counter: 0,
      },
      requireUserVerification: userVerification === 'required',
    })
    if (!verified) return undefined
    // Whether a key may leave its device was settled when it was made (WebAuthn L3 7.2).
    if ((info.credentialDeviceType === 'multiDevice') !== credential.backupEligible) return undefined
    return { counter: info.newCounter, backedUp: info.credentialBackedUp, userVerified: info.userVerified }
  } catch {
    return undefined
  }
}

const idsOf = ({ id, rawId, type }: { id: string; rawId: string; type: 'public-key' }) => ({
  id,
  rawId,
  type,
  clientExtensionResults: {},
})

/** Credential ids may be too long for an index: they are found by their hash. */
export const credentialHash = (id: string): string => createHash('sha256').update(id).digest('base64url')

/** An account as authenticators know it: the 16 bytes of its id, which say nothing of the person. */
export const userHandle = (userId: string): string =>
  Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')

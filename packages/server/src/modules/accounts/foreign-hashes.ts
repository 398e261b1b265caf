import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** A hash that another system made, or that we made with other costs. */
export interface ForeignHash {
  matches(word: string): Promise<boolean>
  /** A hash of the same scheme and cost that no password has. */
  decoy: string
}

type VerifyArgon2 = (stored: string, word: string) => Promise<boolean>

/**
 * Reads a hash of werkzeug (pbkdf2, scrypt), bcrypt or argon2; undefined for anything else, and for costs beyond what a
 * sign-in may take: an imported row must not be able to keep the server busy. Words are taken as they are.
 */
export function readForeignHash(stored: string, verifyArgon2: VerifyArgon2): ForeignHash | undefined {
  if (stored.length > maxLength) return undefined
  return readPbkdf2(stored) ?? readScrypt(stored) ?? readBcrypt(stored) ?? readArgon2(stored, verifyArgon2)
}

/** The width of the column. */
const maxLength = 255

const derivePbkdf2 = promisify(pbkdf2)
const deriveScrypt = promisify<string, string, number, object, Buffer>(scrypt)

const digestBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 }
/** Where a hash names no rounds: those of werkzeug 2.0 to 2.2. */
const unnamedRounds = 260_000
const maxRounds = 2_000_000

/** pbkdf2:sha256:260000$salt$hex, the salt as text. */
function readPbkdf2(stored: string): ForeignHash | undefined {
  const form = /^pbkdf2:(sha1|sha256|sha512)(?::([1-9]\d{0,6}))?\$([!-#%-~]{1,64})\$((?:[0-9a-f]{2})+)$/.exec(stored)
  if (!form) return undefined
  const [, digest = '', named, salt = '', hex = ''] = form
  const rounds = named === undefined ? unnamedRounds : Number(named)
  const expected = Buffer.from(hex, 'hex')
  if (expected.length !== digestBytes[digest] || rounds > maxRounds) return undefined
  return {
    matches: async (word) => timingSafeEqual(await derivePbkdf2(word, salt, rounds, expected.length, digest), expected),
    decoy: `pbkdf2:${digest}:${rounds}$decoy$${'0'.repeat(hex.length)}`,
  }
}

const scryptBytes = 64
/** 128 MiB, and four times the work of the strongest setting that OWASP names. */
const maxScrypt = { memory: 128 * 2 ** 20, work: 2 ** 22 }

/** scrypt:32768:8:1$salt$hex, the salt as text. */
function readScrypt(stored: string): ForeignHash | undefined {
  const form = /^scrypt:([1-9]\d{0,6}):([1-9]\d?):([1-9]\d?)\$([!-#%-~]{1,64})\$([0-9a-f]{128})$/.exec(stored)
  if (!form) return undefined
  const [, n = '', r = '', p = '', salt = '', hex = ''] = form
  const [cost, blockSize, parallelization] = [Number(n), Number(r), Number(p)]
  const memory = 128 * cost * blockSize
  const isPowerOfTwo = cost > 1 && (cost & (cost - 1)) === 0
  if (!isPowerOfTwo || memory > maxScrypt.memory || cost * blockSize * parallelization > maxScrypt.work)
    return undefined
  const options = { cost, blockSize, parallelization, maxmem: memory + 128 * blockSize * (parallelization + 8) }
  const expected = Buffer.from(hex, 'hex')
  return {
    matches: async (word) => timingSafeEqual(await deriveScrypt(word, salt, scryptBytes, options), expected),
    decoy: `scrypt:${n}:${r}:${p}$decoy$${'0'.repeat(hex.length)}`,
  }
}

const maxBcryptCost = 14
/** Bcrypt looks no further, so that a longer password would be as good as its beginning. */
const maxBcryptBytes = 72

/** $2b$12$ and 53 characters of salt and hash; $2x$ marks hashes of a broken program. */
function readBcrypt(stored: string): ForeignHash | undefined {
  const [, start = '', cost] = /^(\$2[aby]\$(\d\d)\$)[./A-Za-z0-9]{53}$/.exec(stored) ?? []
  if (cost === undefined || Number(cost) < 4 || Number(cost) > maxBcryptCost) return undefined
  return {
    async matches(word) {
      // Loaded for whoever brought such a hash: most installations have none.
      const { verify: verifyBcrypt } = await import('@node-rs/bcrypt')
      const isWhole = Buffer.byteLength(word) <= maxBcryptBytes && !word.includes('\0')
      // What is refused takes as long as what is compared.
      const isRight = await verifyBcrypt(isWhole ? word : '', stored)
      return isRight && isWhole
    },
    decoy: `${start}${'.'.repeat(53)}`,
  }
}

/** 256 MiB, and sixteen times the work of 64 MiB once. */
const maxArgon2 = { kib: 262_144, work: 1_048_576, rounds: 64, lanes: 16 }

/** $argon2id$v=19$m=65536,t=3,p=4$salt$hash in base64. */
function readArgon2(stored: string, verifyArgon2: VerifyArgon2): ForeignHash | undefined {
  const form =
    /^(\$argon2(?:id|i|d)\$v=(?:16|19)\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$)([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/.exec(
      stored,
    )
  if (!form) return undefined
  const [, start = '', m = '', t = '', p = '', salt = '', hash = ''] = form
  const [kib, rounds, lanes] = [Number(m), Number(t), Number(p)]
  if (kib < 8 * lanes || kib > maxArgon2.kib || kib * rounds > maxArgon2.work) return undefined
  if (rounds > maxArgon2.rounds || lanes > maxArgon2.lanes) return undefined
  return {
    matches: (word) => verifyArgon2(stored, word),
    decoy: `${start}${'A'.repeat(salt.length)}$${'A'.repeat(hash.length)}`,
  }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { isUsableHash, PasswordHasher } from './password-hasher.ts'

const word = 'Correct-Horse 7 ÅÄÖ'
const hex = (length: number) => 'ab'.repeat(length / 2)

/** Made by werkzeug, by Python's hashlib and crypt, and by the reference program of argon2: none of them by us. */
const fixtures: [scheme: string, password: string, hash: string][] = [
  [
    'werkzeug pbkdf2:sha256',
    word,
    'pbkdf2:sha256:260000$Kx3vQ9sPbT2mZy8L$c86b7737b36b512e831f9834911c31a1ebad7d566e4d0fd746884d5007db3d71',
  ],
  [
    'werkzeug pbkdf2:sha256 without rounds',
    word,
    'pbkdf2:sha256$NoRounds12345678$a0de7bacc7b749da3683c534cf05b37dceb3cce0c99855d2d56a681fe596a1d0',
  ],
  ['werkzeug pbkdf2:sha1', word, 'pbkdf2:sha1:1000$a8Fk2LqP$32f6830427a974a65ca45ab5443578ad0457628b'],
  [
    'werkzeug pbkdf2:sha512',
    word,
    'pbkdf2:sha512:5000$n7Ue4WcRjH1gDs6o$002c11cf9c4e559b95ab71d7a6ac0d6fa87ae572fb908af8d03de4eebcb8adca5d584ac48bcc357f7d9b7915b3bc2c2854504b799a4058e8937e241805bce43b',
  ],
  [
    'werkzeug scrypt',
    word,
    'scrypt:32768:8:1$qioHclO0dteRlcR1$7c4f3a1dc4cdf0382e4bdb5966b1b83ef3d18372da4aba622626de080282c6ecba89691c054721c9061e48d32cfb0ce5608280788bdcb870b02d18d003950ee0',
  ],
  ['bcrypt 2b', word, '$2b$12$abcdefghijklmnopqrstuu36Cu0mmLvOzRUEfumN2XRPapUY/22Mm'],
  ['bcrypt 2a', word, '$2a$06$abcdefghijklmnopqrstuunZHd4Ce31I1siT7CjwdRzkPAZgiD/ge'],
  ['bcrypt 2y', word, '$2y$05$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC'],
  ['bcrypt with 72 bytes', 'x'.repeat(72), '$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i'],
  ['argon2i', 'password', '$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E'],
  ['argon2id', 'password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  [
    'argon2i, the version before',
    'password',
    '$argon2i$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ',
  ],
  // Typed with letters and accents apart, or with letters that NFKC replaces, and hashed as typed.
  [
    'a password in another Unicode form',
    'Correct-Horse 7 A\u030aA\u0308O\u0308',
    'pbkdf2:sha256:1000$decomposedsalt$d2103b3d5b14ab367ff027f5c30bccde930ddea636fe3c87e6ac379eeb362db7',
  ],
  [
    'a password that NFKC changes',
    '\ufb01sh and chips \u2460',
    'pbkdf2:sha256:1000$ligature$c1e3c6955bd58160e8eba40581fef90a8ce8250470dd7c80d98e6435a138aa4c',
  ],
  // Hashed by a system that composed it, typed apart.
  [
    'a password hashed in its composed form',
    'Correct-Horse 7 A\u030aA\u0308O\u0308',
    'pbkdf2:sha256:1000$composedsalt$242485521826de5095d51bd6fb936b15f59fd4a2e782629a6642a52f049a99a3',
  ],
]

describe('A06 W13 AU16: people sign in with the password they had elsewhere', () => {
  const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
  let app: TestApp
  beforeAll(async () => {
    app = await createTestApp({ ACCOUNT_LOCKOUT_THRESHOLD: '50' }, { hasher })
  })
  afterAll(() => app.drop())

  const cheap = fixtures.map(([, , hash]) => hash).filter((hash) => !/:260000|256\$No|:32768|\$12\$|65536/.test(hash))
  const login = async (identifier: string, password: string) =>
    (await app.visitor().post('/auth/login', { identifier, password })).status
  const stored = async (username: string) =>
    (
      await app.database.db
        .selectFrom('users')
        .select('password_hash')
        .where('username_key', '=', username)
        .executeTakeFirstOrThrow()
    ).password_hash
  const store = (username: string, hash: string) =>
    app.database.unitOfWork(({ tx }) =>
      tx.updateTable('users').set({ password_hash: hash }).where('username_key', '=', username).execute(),
    )
  const work = async (identifier: string, password: string) => {
    const before = hasher.computed
    expect(await login(identifier, password)).toBe(401)
    return hasher.computed - before
  }

  it.each(fixtures.map(([scheme, ...more], index) => [scheme, `mover${index}`, ...more] as const))(
    '%s',
    async (_scheme, username, password, hash) => {
      await app.person(username)
      await store(username, hash)
      expect(isUsableHash(hash)).toBe(true)
      expect(hasher.isOutdated(hash)).toBe(true)
      expect(await login(username, `${password}!`)).toBe(401)
      expect(await stored(username)).toBe(hash)
      expect(await login(username, password)).toBe(200)
      const renewed = (await stored(username)) as string
      expect(renewed).toMatch(/^\$argon2id\$v=19\$m=1024,t=1,p=1\$/)
      expect(await login(username, password)).toBe(200)
      expect(await stored(username)).toBe(renewed)
      expect(await login(username, `${password}!`)).toBe(401)
    },
  )

  it.each([
    ['as typed by most', 'a wrong guess'],
    ['in a form that NFKC changes', 'a wrong guess \ufb01'],
  ])('AU5: a wrong password %s takes the same work with any hash and with none', async (_what, guess) => {
    const bob = `bob${guess.length}`
    const carl = `carl${guess.length}`
    await app.person(bob)
    await app.person(carl)
    for (const hash of cheap) {
      await store(carl, hash)
      const works = [await work(carl, guess), await work(bob, guess), await work('nobody-here', guess)]
      expect([hash, new Set(works).size]).toEqual([hash, 1])
    }
    for (const hash of ['', 'plain text', '$argon2id$v=19$m=1024,t=1,p=1$broken']) {
      await store(carl, hash)
      expect([hash, await work(carl, guess)]).toEqual([hash, await work('nobody-here', guess)])
    }
  })

  it('bcrypt: what it would not look at is refused, not cut off', async () => {
    await app.person('long')
    await store('long', '$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i')
    expect(await login('long', `${'x'.repeat(72)}anything`)).toBe(401)
    // 71 letters and one of two bytes.
    expect(await login('long', `${'x'.repeat(71)}é`)).toBe(401)
    expect(await login('long', 'x'.repeat(72))).toBe(200)
  })
})

const salt = 'abcdefgh'
it.each([
  '',
  ' ',
  'password',
  'plain$$password',
  'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99',
  `pbkdf2:md5:1000$${salt}$${hex(32)}`,
  `pbkdf2:sha256:0$${salt}$${hex(64)}`,
  `pbkdf2:sha256:-1$${salt}$${hex(64)}`,
  `pbkdf2:sha256:1e9$${salt}$${hex(64)}`,
  `pbkdf2:sha256:2000001$${salt}$${hex(64)}`,
  `pbkdf2:sha256:99999999999999999999$${salt}$${hex(64)}`,
  `pbkdf2:sha256:1000$${salt}$${hex(62)}`,
  `pbkdf2:sha256:1000$${salt}$${hex(66)}`,
  `pbkdf2:sha256:1000$${salt}$${'AB'.repeat(32)}`,
  `pbkdf2:sha256:1000$$${hex(64)}`,
  `pbkdf2:sha256:1000$${'s'.repeat(65)}$${hex(64)}`,
  `pbkdf2:sha256:1000$${salt}$${hex(64)}\n`,
  ` pbkdf2:sha256:1000$${salt}$${hex(64)}`,
  `pbkdf2:sha256:1000:5$${salt}$${hex(64)}`,
  `pbkdf2:constructor:1000$${salt}$${hex(64)}`,
  `scrypt:32768:8$${salt}$${hex(128)}`,
  `scrypt:32767:8:1$${salt}$${hex(128)}`,
  `scrypt:1:8:1$${salt}$${hex(128)}`,
  `scrypt:262144:8:1$${salt}$${hex(128)}`,
  `scrypt:1048576:8:1$${salt}$${hex(128)}`,
  `scrypt:131072:8:8$${salt}$${hex(128)}`,
  `scrypt:2:99:99$${salt}$${hex(126)}`,
  '$2x$05$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC',
  '$2b$03$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC',
  '$2b$15$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC',
  '$2b$31$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC',
  '$2b$+5$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC',
  '$2b$05$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOz',
  '$2$05$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC',
  '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=262144,t=5,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=1024,t=99,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=1024,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=65536,t=1,p=99$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65',
  '$argon2id$v=19$m=256,t=2,p=1$$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2x$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=1024,t=1,p=1$not base64$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  `pbkdf2:sha256:1000$${salt}$${hex(64)}${' '.repeat(200)}`,
])('W13: %j is no hash to sign in with, and harms nobody', async (stored) => {
  const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
  expect(isUsableHash(stored)).toBe(false)
  for (const guess of ['password', '', stored.slice(0, 100)]) expect(await hasher.verify(stored, guess)).toBe(false)
  // As much as for a name without an account: nothing was computed with what it says.
  expect(hasher.computed).toBe(3)
})

it('W13: what no password has made matches none', async () => {
  const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
  const made = [
    `pbkdf2:sha256:1000$${salt}$${'0'.repeat(64)}`,
    `scrypt:2:1:1$${salt}$${'0'.repeat(128)}`,
    `$2b$04$${'.'.repeat(53)}`,
    `$argon2id$v=19$m=8,t=1,p=1$${'A'.repeat(11)}$${'A'.repeat(43)}`,
  ]
  for (const stored of made) {
    expect([stored, isUsableHash(stored)]).toEqual([stored, true])
    for (const guess of ['', '0', 'password']) expect(await hasher.verify(stored, guess)).toBe(false)
  }
})

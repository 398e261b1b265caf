// Preloaded into the threads of a server whose test is not about what a password costs: it is hashed in a hundredth of the time, into
// what looks like a hash of full cost, so that nothing takes it for outdated.
import { createRequire } from 'node:module'

interface Argon2 {
  hashSync(password: string, options: { memoryCost: number; timeCost: number }): string
  verifySync(hashed: string, password: string): boolean
}

const argon2: Argon2 = createRequire(import.meta.url)('@node-rs/argon2')
const { hashSync, verifySync } = argon2
const cost = { memoryCost: 1024, timeCost: 1 }
const said = ({ memoryCost, timeCost }: typeof cost) => `$m=${memoryCost},t=${timeCost},`
let full = said({ memoryCost: 65_536, timeCost: 3 })

argon2.hashSync = (password, options) => {
  full = said(options)
  return hashSync(password, { ...options, ...cost }).replace(said(cost), full)
}
argon2.verifySync = (hashed, password) => verifySync(hashed.replace(full, said(cost)), password)

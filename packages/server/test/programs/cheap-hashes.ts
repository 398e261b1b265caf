// Preloaded into a server whose test is not about what a password costs: it is hashed in a hundredth of the time, into
// what looks like a hash of full cost, so that nothing takes it for outdated.
import { createRequire } from 'node:module'

interface Argon2 {
  hash(password: string, options: { memoryCost: number; timeCost: number }): Promise<string>
  verify(hashed: string, password: string): Promise<boolean>
}

const argon2: Argon2 = createRequire(import.meta.url)('@node-rs/argon2')
const { hash, verify } = argon2
const cost = { memoryCost: 1024, timeCost: 1 }
const said = ({ memoryCost, timeCost }: typeof cost) => `$m=${memoryCost},t=${timeCost},`
let full = said({ memoryCost: 65_536, timeCost: 3 })

argon2.hash = async (password, options) => {
  full = said(options)
  return (await hash(password, { ...options, ...cost })).replace(said(cost), full)
}
argon2.verify = (hashed, password) => verify(hashed.replace(full, said(cost)), password)

// The password hash of a sign-in and nothing else, as often as it is asked to: what no sign-in can be faster than.
import { hash, verify } from '@node-rs/argon2'

const password = 'a quiet harbour at dawn'
const stored = await hash(password, { memoryCost: 65_536, timeCost: 3, parallelism: 1 })

process.on('disconnect', () => process.exit())
process.on('message', async ({ times }) => {
  const latencies = []
  for (let time = 0; time < times; time++) {
    const began = performance.now()
    if (!(await verify(stored, password))) throw new Error('The right password was not taken.')
    latencies.push(performance.now() - began)
  }
  process.send(latencies)
})

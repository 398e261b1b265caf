import { readdirSync, readFileSync } from 'node:fs'
import { getPriority, platform } from 'node:os'
import { expect, it } from 'vitest'
import { hashThreads } from './hash-threads.ts'

const cost = { memoryCost: 1024, timeCost: 1 }

it('hashes and compares, several at once, and goes on after what is no hash', async () => {
  const hashes = await Promise.all(['one', 'two', 'three'].map((word) => hashThreads.hash(word, cost)))
  expect(new Set(hashes).size).toBe(3)
  const [one = '', two = ''] = hashes
  expect(await Promise.all([hashThreads.verify(one, 'one'), hashThreads.verify(two, 'one')])).toEqual([true, false])
  await expect(hashThreads.verify('no hash', 'one')).rejects.toThrow()
  expect(await hashThreads.verify(one, 'one')).toBe(true)
})

/** The nice value of each thread of this process. */
const priorities = () =>
  readdirSync('/proc/self/task').map((thread) => {
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16])
  })

it.runIf(platform() === 'linux')('P2: gives way to the thread that answers requests', async () => {
  await hashThreads.hash('one', cost)
  expect(priorities()).toContain(10)
  expect(getPriority()).toBeLessThan(10)
})

import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)

/** The room for young objects of a process in which much stays for a while, as when a thousand people connect. */
function mebibytesAfter(begin: string): number {
  const program = `
    import { nurseryBytes, withBoundNursery } from ${here('nursery.ts')}
    ${begin}
    let kept = []
    for (let turn = 0; turn < 150; turn++) {
      for (let i = 0; i < 20_000; i++) kept.push({ i, list: [i, turn] })
      if (kept.length > 400_000) kept = kept.slice(200_000)
      await new Promise((next) => setImmediate(next))
    }
    console.log(nurseryBytes() / 1024 / 1024)`
  // How much V8 may take at most depends on the machine otherwise.
  const args = ['--max-semi-space-size=64', '--input-type=module', '-e', program]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

it('P6: the room for young objects stops growing where V8 by itself would go on', () => {
  expect(mebibytesAfter('')).toBeGreaterThan(48)
  const bound = mebibytesAfter('await withBoundNursery(async () => {})')
  expect(bound).toBeLessThanOrEqual(48)
  expect(bound).toBeGreaterThanOrEqual(8)
})

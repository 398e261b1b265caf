import { expect, it } from 'vitest'
import { PlaceTester } from './place-test.ts'

const here = '{"type":"Point","coordinates":[1,1]}'
const boxAt = (lon: number) => JSON.stringify({ boxes: [{ west: lon, south: 0, east: lon + 1, north: 2 }] })

it('a test of places is read once, and those that were not asked for longest are forgotten', () => {
  const tester = new PlaceTester()
  const first = tester.prepare(boxAt(1))
  const second = tester.prepare(boxAt(5))
  expect([tester.prepare(boxAt(1)), tester.passes(here, first), tester.passes(here, second)]).toEqual([
    first,
    true,
    false,
  ])
  for (let lon = 10; lon < 179; lon += 0.5) tester.prepare(boxAt(lon))
  expect(() => tester.passes(here, first)).toThrow('not prepared')
  const again = tester.prepare(boxAt(1))
  expect([again === first, tester.passes(here, again)]).toEqual([false, true])
})

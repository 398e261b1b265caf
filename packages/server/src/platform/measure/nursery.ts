import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** V8's room for young objects, both halves of it. Four times as much is what it takes by itself, and serves no faster. */
const enoughBytes = 16 * 1024 * 1024

/**
 * What a start makes and throws away, or many who connect at once, would let V8 take up to 64 MiB for young objects, which it
 * keeps. During `start` the room does not grow, and afterwards no further than serves.
 */
export async function withBoundNursery(start: () => Promise<void>): Promise<void> {
  let growth = 1
  const grow = (factor: number) => {
    if (factor === growth) return
    growth = factor
    setFlagsFromString(`--semi-space-growth-factor=${factor}`)
  }
  setFlagsFromString('--semi-space-growth-factor=1')
  await start()
  // V8 may make it smaller when nobody asks for anything, and then it has to grow again: so each collection is looked at.
  new PerformanceObserver(() => grow(nurseryBytes() < enoughBytes ? 2 : 1)).observe({ entryTypes: ['gc'] })
  grow(2)
}

export const nurseryBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0

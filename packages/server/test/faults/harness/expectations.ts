import { expect } from 'vitest'
import type { Figures } from './cluster.ts'
import { isFull } from './installation.ts'

/** What nobody may notice of a fault that concerns others. The quick run shares its machine with much else. */
export function expectServed({ asked = 0, failed = 0, p99_ms = 0 }: Figures): void {
  expect.soft(asked).toBeGreaterThan(5)
  expect.soft(failed / asked, 'requests that failed').toBeLessThanOrEqual(isFull ? 0.001 : 0.02)
  expect.soft(p99_ms).toBeLessThan(isFull ? 1_000 : 2_000)
}

/** The promises for as long as Redis is of no use (reliability 2.5 and 2.9), and for afterwards. */
export function expectWithoutRedis(figures: Figures): void {
  expectServed(figures)
  expect.soft(figures.refused_ms).toBeLessThan(5_000)
  expect.soft(figures.closed_ms).toBeLessThan(5_000)
  expect.soft(figures.push_gap_ms).toBeLessThan(5_000)
  expect.soft(figures.together_again_ms).toBeLessThan(10_000)
  expect.soft(figures.refused_afterwards_ms).toBeLessThan(1_000)
  if (isFull) expect.soft(figures.loop_lag_ms).toBeLessThan(100)
  // Those who count and those who tell each other things notice it each for themselves.
  expect.soft(figures.log_lines_per_node).toBeLessThanOrEqual(2 + Math.ceil((figures.lasted_s ?? 0) / 60) * 2)
}

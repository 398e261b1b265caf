import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { memoryUsage } from 'node:process'

const resolutionMs = 50

export interface ProcessState {
  memory: { rss: number; heap_used: number; heap_total: number; external: number }
  event_loop: { lag_mean_ms: number; lag_p99_ms: number; lag_max_ms: number; utilization: number }
}

/** What the process takes of the machine's memory. */
export const residentBytes = (): number => memoryUsage.rss()

/** How this process is: its memory, and how late its event loop runs since the last time it was asked. */
export class ProcessMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs })
  #before: EventLoopUtilization = performance.eventLoopUtilization()

  start(): void {
    this.#delay.enable()
  }

  read(): ProcessState {
    const { rss, heapUsed, heapTotal, external } = memoryUsage()
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#before)
    this.#before = now
    const event_loop = {
      lag_mean_ms: lag(this.#delay.mean),
      lag_p99_ms: lag(this.#delay.percentile(99)),
      lag_max_ms: lag(this.#delay.max),
      utilization: Math.round(utilization * 1000) / 1000,
    }
    this.#delay.reset()
    return { memory: { rss, heap_used: heapUsed, heap_total: heapTotal, external }, event_loop }
  }

  stop(): void {
    this.#delay.disable()
  }
}

/** Measured are the pauses between two turns of a timer; what is more than the timer asked for is the lag. */
function lag(nanoseconds: number): number {
  if (!Number.isFinite(nanoseconds)) return 0
  return Math.max(0, Math.round((nanoseconds / 1e6 - resolutionMs) * 100) / 100)
}

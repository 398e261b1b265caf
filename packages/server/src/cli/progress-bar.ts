const width = 24
const everyMs = 100

/** Draws how far a long work is, where a person looks on; elsewhere nothing. */
export class ProgressBar {
  readonly #out: NodeJS.WriteStream
  readonly #isShown: boolean
  #drawnAt = 0
  #step = ''

  constructor(out: NodeJS.WriteStream, isShown: boolean) {
    this.#out = out
    this.#isShown = isShown
  }

  readonly show = (step: string, done: number, total: number): void => {
    if (!this.#isShown) return
    const now = performance.now()
    if (step === this.#step && done < total && now - this.#drawnAt < everyMs) return
    if (step !== this.#step && this.#step !== '') this.#out.write('\n')
    this.#step = step
    this.#drawnAt = now
    this.#out.write(`\r${progressLine(step, done, total)}`)
  }

  end(): void {
    if (this.#step !== '') this.#out.write('\n')
    this.#step = ''
  }
}

export function progressLine(step: string, done: number, total: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1
  const full = Math.round(share * width)
  return `${step.padEnd(10)} [${'#'.repeat(full)}${'-'.repeat(width - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`
}

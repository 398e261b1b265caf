import { isFull } from './installation.ts'

/** How long a fault lasts, and how often it comes. */
export interface Lengths {
  seconds: number
  rounds: number
}

/** In the full matrix, and for every change. */
export const lengths = (full: Partial<Lengths>, quick: Partial<Lengths> = full): Lengths => ({
  seconds: 0,
  rounds: 1,
  ...(isFull ? full : quick),
})

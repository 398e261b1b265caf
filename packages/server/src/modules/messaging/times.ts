import { invalid } from './messaging.errors.ts'

/** A moment that a client named, as it is stored. Throws validation_failed for a day that does not exist. */
export function toTime(pointer: string, text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw invalid(pointer, 'invalid', 'There is no such time')
  return time.toISOString()
}

/** Numbers that a double may not hold stay as they were written: as text, which is taken too. */
export const parseKeepingDigits = (json: string): unknown =>
  JSON.parse(json, keepDigits as (name: string, value: unknown) => unknown)

const doubleDigits = 15

function keepDigits(_: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  if (typeof value !== 'number') return value
  return source.replace(/e.*/i, '').replace(/\D/g, '').length > doubleDigits ? source : value
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** 850 ms, 5 seconds, 10 minutes: one unit, as precise as anybody needs. */
export function sayDuration(ms: number, language: string): string {
  const [unit, length] = units.find(([, each]) => ms >= each) ?? (['millisecond', 1] as const)
  const value = ms / length
  const maximumFractionDigits = value < 10 ? 1 : 0
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits }).format(
    value,
  )
}

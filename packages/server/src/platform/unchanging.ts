const unchanging = new WeakSet<object>()

/** Freezes a value with everything in it: what is made of it can be kept for as long as it is. */
export function unchangingValue<T extends object>(value: T): T {
  freeze(value)
  unchanging.add(value)
  return value
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}

/** What `make` makes of a value: once, where the value never changes. */
export function madeOnce<Made>(make: (value: unknown) => Made): (value: unknown) => Made {
  const known = new WeakMap<object, Made>()
  return (value) => {
    if (typeof value !== 'object' || value === null || !unchanging.has(value)) return make(value)
    const before = known.get(value)
    if (before !== undefined) return before
    const made = make(value)
    known.set(value, made)
    return made
  }
}

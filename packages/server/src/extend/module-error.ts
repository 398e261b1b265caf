/** What is wrong with a module, in one line for the operator. */
export class ModuleError extends Error {
  /** Of a module that could not be loaded at all. */
  readonly reason: 'missing' | 'failed' | undefined

  constructor(
    module: string,
    what: string,
    { reason, cause }: { reason?: 'missing' | 'failed'; cause?: unknown } = {},
  ) {
    super(`The module ${module} cannot be used: ${what}`, { cause })
    this.reason = reason
  }
}

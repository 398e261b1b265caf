/** What is wrong with a module, in one line for the operator. */
export class ModuleError extends Error {
  constructor(module: string, what: string) {
    super(`The module ${module} cannot be used: ${what}`)
  }
}

import type { CodeFlow, CodeFlowOptions } from './code-flow.ts'

export type Flow = Pick<CodeFlow, 'discover' | 'authorizationUrl' | 'exchange'>

/** The library behind it is large, and most servers send nobody anywhere: it is loaded with the first flow. */
export function codeFlow(options: CodeFlowOptions): Flow {
  let made: CodeFlow | undefined
  const flow = async () => {
    const { CodeFlow } = await import('./code-flow.ts')
    made ??= new CodeFlow(options)
    return made
  }
  return {
    discover: async (...given) => (await flow()).discover(...given),
    authorizationUrl: async (...given) => (await flow()).authorizationUrl(...given),
    exchange: async (...given) => (await flow()).exchange(...given),
  }
}

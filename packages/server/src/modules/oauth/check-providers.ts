import { buildProviders, type ProvidersDependencies } from './providers.ts'

/** Asks each provider for what it publishes about itself; answers those that do not say it, and why. */
export async function checkProviders(deps: ProvidersDependencies): Promise<{ id: string; problem: string }[]> {
  const request = {
    redirectUri: 'https://localhost/callback',
    state: 'doctor',
    secrets: { verifier: 'doctor-'.repeat(8), nonce: 'doctor' },
  }
  const asked = [...buildProviders(deps)].map(async ([id, provider]) => {
    try {
      await provider.authorizationUrl(request)
      return []
    } catch (error) {
      return [{ id, problem: reasonOf(error) }]
    }
  })
  return (await Promise.all(asked)).flat()
}

/** The innermost says it best. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message
}

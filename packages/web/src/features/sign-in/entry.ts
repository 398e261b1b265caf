import { client } from '../../app/client.ts'
import { loadMeta } from '../accounts/use-meta.ts'

export interface Provider {
  id: string
  name: string
  initiate_url: string
}

let providers: Provider[] = []

/** A server that takes its time must not keep people from the fields. */
const patienceMs = 2_000

/** What the pages before the sign-in offer, known before they are drawn: nothing moves under the finger. */
export async function loadEntry(): Promise<void> {
  const asked = Promise.all([
    loadMeta(),
    client.api.GET('/api/v1/oauth/providers').then(
      ({ data }) => {
        providers = data.filter(({ enabled }) => enabled)
      },
      () => {},
    ),
  ])
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, patienceMs))])
}

export const knownProviders = (): readonly Provider[] => providers

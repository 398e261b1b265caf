import { createClient, type OutboxStorage } from '@atrium/client'

/** Storage throws where a person has switched it off; the outbox then lives as long as the page. */
function storage(): OutboxStorage | undefined {
  try {
    return window.localStorage
  } catch {
    return undefined
  }
}

const kept = storage()

/** The one door to the server. */
export const client = createClient(kept ? { storage: kept } : {})

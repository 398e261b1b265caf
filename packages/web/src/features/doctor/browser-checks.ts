import { type Found, found, nothing } from './findings.ts'

const smallMegabytes = 120

export async function checkStorage(): Promise<Found[]> {
  const missing = [keepsText() ? '' : 'localStorage', (await keepsRecords()) ? '' : 'IndexedDB'].filter(Boolean)
  if (missing.length > 0) return found('storage_off', { what: missing.join(', ') })
  const { quota } = (await navigator.storage?.estimate?.().catch(() => ({ quota: undefined }))) ?? {}
  if (quota === undefined || quota > smallMegabytes * 1e6) return nothing
  return found('storage_small', { megabytes: Math.round(quota / 1e6) })
}

function keepsText(): boolean {
  try {
    localStorage.setItem('atrium-check', '1')
    localStorage.removeItem('atrium-check')
    return true
  } catch {
    return false
  }
}

function keepsRecords(): Promise<boolean> {
  const name = 'atrium-check'
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open(name)
      opening.onerror = () => resolve(false)
      opening.onsuccess = () => {
        opening.result.close()
        indexedDB.deleteDatabase(name)
        resolve(true)
      }
    } catch {
      resolve(false)
    }
  })
}

/** An insecure page has none of it, and is told so by another finding. */
export function checkPush(): Found[] {
  if (!window.isSecureContext) return nothing
  const hasAll = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window
  if (!hasAll) return found('push_missing')
  return Notification.permission === 'denied' ? found('push_denied') : nothing
}

export function checkTimeZone(ofAccount: string | null): Found[] {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  if (!timeZone) return found('time_zone_unknown')
  return ofAccount && ofAccount !== timeZone
    ? found('time_zone_other', { browser: timeZone, account: ofAccount })
    : nothing
}

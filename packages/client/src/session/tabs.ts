import type { User } from '../types.ts'
import type { CsrfTokens } from './credentials.ts'

/** What the pages that share one browser's cookies tell each other. */
export type TabNews =
  | { kind: 'signed-in'; user: User; csrf: CsrfTokens }
  | { kind: 'renewed'; csrf: CsrfTokens }
  | { kind: 'leaving'; on: boolean }
  | { kind: 'signed-out' }

export interface Tabs {
  tell(news: TabNews): void
  close(): void
}

/** Alone where the platform has no channels: then the next request of a tab finds out. */
export function joinTabs(name: string, onNews: (news: TabNews) => void): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { tell() {}, close() {} }
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<TabNews>) => onNews(data)
  return {
    tell: (news) => channel.postMessage(news),
    close: () => channel.close(),
  }
}

/** Remembers that someone was signed in, so that anonymous visitors are not asked for a session they cannot have. */
export interface SignedInMark {
  isSet(): boolean
  set(on: boolean): void
}

const markKey = 'atrium.signed-in'

export function signedInMark(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined): SignedInMark {
  return {
    isSet: () => storage === undefined || storage.getItem(markKey) !== null,
    set(on) {
      try {
        if (on) storage?.setItem(markKey, '1')
        else storage?.removeItem(markKey)
      } catch {
        // A full storage costs the next page one question more, or one sign-in.
      }
    },
  }
}

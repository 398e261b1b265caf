import type { Notification } from '@atrium/client'
import type { NotificationPages } from './queries.ts'

const each = (pages: NotificationPages, change: (data: Notification[]) => Notification[]): NotificationPages => ({
  ...pages,
  pages: pages.pages.map((page) => ({ ...page, data: change(page.data) })),
})

/** A new one comes first; one that is known, such as one marked unread again, stays where it is. */
export function withNotification(pages: NotificationPages, told: Notification): NotificationPages {
  const isKnown = pages.pages.some(({ data }) => data.some(({ id }) => id === told.id))
  if (isKnown) return each(pages, (data) => data.map((known) => (known.id === told.id ? told : known)))
  const [first, ...rest] = pages.pages
  return first ? { ...pages, pages: [{ ...first, data: [told, ...first.data] }, ...rest] } : pages
}

/** Without ids: all of them. What is read already keeps its time. */
export function withRead(pages: NotificationPages, ids: readonly string[] | undefined, at: string): NotificationPages {
  return each(pages, (data) =>
    data.map((known) =>
      known.read_at === null && (!ids || ids.includes(known.id)) ? { ...known, read_at: at } : known,
    ),
  )
}

export const withoutNotification = (pages: NotificationPages, id: string): NotificationPages =>
  each(pages, (data) => data.filter((known) => known.id !== id))

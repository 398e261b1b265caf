import { useEffect } from 'react'

let title = ''
let unread = 0

function show(): void {
  const parts = [title, 'Atrium'].filter(Boolean)
  document.title = `${unread > 0 ? `(${unread > 99 ? '99+' : unread}) ` : ''}${parts.join(' · ')}`
}

/** What the browser's tab says, with the number of unread messages before it. */
export function usePageTitle(page: string): void {
  useEffect(() => {
    title = page
    show()
  }, [page])
}

export function setUnreadInTitle(count: number): void {
  unread = count
  show()
}

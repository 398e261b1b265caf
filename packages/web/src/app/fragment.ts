import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

let held: { path: string; hash: string } | undefined

/** Keeps what a link carries while somebody signs in on the way to its page; in no address and no storage. */
export function holdFragment(path: string, hash: string): void {
  if (hash) held = { path, hash }
}

const heldFor = (path: string): string => (held?.path === path ? held.hash : '')

/**
 * What a link carries behind its `#`. A secret does not stay in the address bar, where others see it and the history
 * keeps it: it is read, taken out, and held by the page alone.
 */
export function useFragment(): URLSearchParams {
  const { hash, pathname } = useLocation()
  const navigate = useNavigate()
  const [fragment, setFragment] = useState(() => new URLSearchParams(hash || heldFor(pathname)))

  useEffect(() => {
    if (!hash) return
    // Also when a link is opened in a tab that shows its page already.
    setFragment(new URLSearchParams(hash))
    void navigate({ to: '.', search: true, hash: '', replace: true })
  }, [hash, navigate])

  return fragment
}

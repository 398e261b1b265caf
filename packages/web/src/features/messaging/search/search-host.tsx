import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react'
import { isSearchOpen, setSearchOpen, subscribeSearch } from './search-open.ts'

const SearchDialog = lazy(() => import('./search-dialog.tsx').then((m) => ({ default: m.SearchDialog })))

/** Opens the search with Ctrl and K wherever messages are. */
export function SearchHost() {
  const isOpen = useSyncExternalStore(subscribeSearch, isSearchOpen)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      setSearchOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => {
      window.removeEventListener('keydown', onKey)
      setSearchOpen(false)
    }
  }, [])
  if (!isOpen) return null
  return (
    <Suspense>
      <SearchDialog onClose={() => setSearchOpen(false)} />
    </Suspense>
  )
}

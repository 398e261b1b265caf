/**
 * A page that was open while the server was updated asks for pieces that are gone. It then loads itself anew, when the
 * server has indeed another version of it: not while nobody answers, and not again and again.
 */
export function reloadAfterUpdate(): void {
  window.addEventListener('vite:preloadError', () => void reloadIfUpdated())
}

async function reloadIfUpdated(): Promise<void> {
  const entry = document.querySelector('script[type="module"][src]')?.getAttribute('src')
  try {
    const response = await fetch('/', { headers: { accept: 'text/html' }, cache: 'no-store' })
    if (response.ok && entry && !(await response.text()).includes(entry)) window.location.reload()
  } catch {
    // The server is away; whatever failed is tried again by the one who asked for it.
  }
}

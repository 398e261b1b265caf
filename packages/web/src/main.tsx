import './app/mantine.ts'
import './app/styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { client } from './app/client.ts'
import { loadWords } from './app/i18n.ts'
import { Providers } from './app/providers.tsx'
import { Root } from './app/root.tsx'

const opening = client.session.load()
// Root shows the failure; without this one it would also count as unhandled before the first render.
opening.catch(() => {})
await loadWords()

// After an update of the server a page that was open asks for pieces that are gone: it loads itself anew, but not for ever.
window.addEventListener('vite:preloadError', (event) => {
  const key = 'atrium-reloaded-at'
  if (Date.now() - Number(sessionStorage.getItem(key)) < 30_000) return
  sessionStorage.setItem(key, String(Date.now()))
  event.preventDefault()
  window.location.reload()
})

const container = document.getElementById('root')
if (!container) throw new Error('index.html has no #root')
createRoot(container).render(
  <StrictMode>
    <Providers>
      <Root opening={opening} />
    </Providers>
  </StrictMode>,
)

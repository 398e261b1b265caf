import './app/mantine.ts'
import './app/styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { client } from './app/client.ts'
import { openWords } from './app/i18n.ts'
import { Providers } from './app/providers.tsx'
import { reloadAfterUpdate } from './app/reload-after-update.ts'
import { Root } from './app/root.tsx'

const opening = client.session.load()
// Root shows the failure; without this one it would also count as unhandled before the first render.
opening.catch(() => {})
await openWords()

reloadAfterUpdate()
const container = document.getElementById('root')
if (!container) throw new Error('index.html has no #root')
createRoot(container).render(
  <StrictMode>
    <Providers>
      <Root opening={opening} />
    </Providers>
  </StrictMode>,
)

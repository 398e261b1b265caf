import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { Announcer } from './announcer.tsx'
import { styleNonce } from './nonce.ts'
import { cssVariables, theme } from './theme.ts'

// The script in index.html reads the same key.
const colorSchemes = localStorageColorSchemeManager({ key: 'atrium-color-scheme' })

export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
      getStyleNonce={styleNonce}
    >
      {children}
      <Announcer />
    </MantineProvider>
  )
}

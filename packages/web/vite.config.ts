import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

const server = 'http://localhost:8000'

const start = /[\\/](node_modules|packages[\\/]client)[\\/]/
const forms = new RegExp(
  [
    /[\\/]components[\\/](Input|InputBase|TextInput|Anchor|ActionIcon)[\\/]/,
    /[\\/]icons[\\/]Icon(Fingerprint|Mail)\./,
    /[\\/]src[\\/]words[\\/]start[\\/]/,
    /[\\/]src[\\/]app[\\/](announcer|error-words|failure|fragment|i18n|own-path|page-title|scheme-toggle|session)\./,
    /[\\/]features[\\/]accounts[\\/](auth-layout|checkbox-field|form-|password-field|use-meta)/,
    /[\\/]features[\\/]admin[\\/]rights\./,
    /[\\/]features[\\/]sign-in[\\/](entry|passkey-support)\./,
  ]
    .map(({ source }) => source)
    .join('|'),
)
const member = /[\\/]node_modules[\\/]|[\\/]features[\\/](people|messaging|sessions)[\\/]/

/** Writes .br and .gz beside each text file of the build, so that the server compresses nothing while it answers. */
function precompress(): Plugin {
  let folder = ''
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      for (const name of names.filter((each) => /\.(js|css|html|svg|webmanifest)$/.test(each))) {
        const file = join(folder, name)
        const content = readFileSync(file)
        const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
        writeFileSync(`${file}.br`, brotliCompressSync(content, options))
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), precompress()],
  // The client as it is written, not as it was built.
  resolve: { conditions: ['atrium-client-source', ...defaultClientConditions] },
  // The server puts a fresh nonce here in each answer; see its page policy.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    sourcemap: false,
    // Inlined data: URLs would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Few files instead of a request for each shared piece; the pages before the sign-in load the first two only.
          groups: [
            { name: 'vendor', tags: ['$initial'], test: start, priority: 3 },
            { name: 'forms', test: forms, priority: 2 },
            // Not for the sign-in page, which is the first that anybody loads.
            { name: 'form-state', test: /[\\/]node_modules[\\/]react-hook-form[\\/]/, priority: 2 },
            { name: 'member', test: member, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/api': server,
      '/docs': server,
      '/guide': server,
      '/openapi.json': server,
      '/socket.io': { target: server, ws: true },
      // The page is ours, sending the form is the server's.
      '/setup': { target: server, bypass: (request) => (request.method === 'POST' ? undefined : request.url) },
    },
  },
})

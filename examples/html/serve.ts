// Serves this page. Any web server does as well: these four files beside each other are all there is.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const { ATRIUM_URL = 'http://localhost:8000', PORT = '5176' } = process.env
const folder = import.meta.dirname
const files: Record<string, readonly [file: string, type: string]> = {
  '/': ['index.html', 'text/html'],
  '/chat.js': ['chat.js', 'text/javascript'],
  '/chat.css': ['../chat.css', 'text/css'],
  '/atrium-client.js': ['../../packages/client/dist/browser.js', 'text/javascript'],
}

createServer((request, response) => {
  const [file, type] = files[request.url ?? ''] ?? []
  if (file === undefined) return response.writeHead(404).end('Not found')
  const text = readFileSync(join(folder, file), 'utf8').replace('http://localhost:8000', ATRIUM_URL)
  return response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' }).end(text)
}).listen(Number(PORT), 'localhost', () => console.log(`http://localhost:${PORT}`))

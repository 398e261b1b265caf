// The client's types, made from the server's own routes: `node scripts/generate-client.mjs [--check]`.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const client = join(root, 'packages/client')
const generated = join(client, 'src/generated')

/** What the command line prints; on an empty folder, so that no setting of this machine gets into it. */
function readDocument() {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-openapi-'))
  try {
    const args = [join(root, 'packages/server/src/cli.ts'), 'openapi']
    const env = { PATH: process.env.PATH, DATA_DIR: folder, NODE_NO_WARNINGS: '1' }
    return execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function typesOf(document) {
  const load = createRequire(join(client, 'package.json'))
  const { default: openapiTS, astToString, COMMENT_HEADER } = load('openapi-typescript')
  return COMMENT_HEADER + astToString(await openapiTS(JSON.parse(document)))
}

const document = readDocument()
const files = { 'openapi.json': document, 'api.ts': await typesOf(document) }
const read = (name) => {
  try {
    return readFileSync(join(generated, name), 'utf8')
  } catch {
    return undefined
  }
}
const stale = Object.keys(files).filter((name) => read(name) !== files[name])
if (!process.argv.includes('--check')) {
  for (const name of stale) writeFileSync(join(generated, name), files[name])
  console.log(stale.length === 0 ? 'Nothing changed.' : `Wrote ${stale.join(' and ')}.`)
} else if (stale.length > 0) {
  console.error(`packages/client/src/generated is older than the routes: run node scripts/generate-client.mjs`)
  process.exitCode = 1
}

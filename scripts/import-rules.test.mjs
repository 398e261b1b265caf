// Each rule of .dependency-cruiser.mjs is broken once, on purpose, in a small tree of its own.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import { afterEach, beforeEach, expect, it } from 'vitest'
import rules from '../.dependency-cruiser.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const a = 'packages/server/src/modules/a'
const b = 'packages/server/src/modules/b'
const platform = 'packages/server/src/platform'

const sound = {
  'packages/server/package.json': JSON.stringify({
    dependencies: { fastify: '5', kysely: '0', typebox: '1', jose: '6', 'socket.io': '4', pg: '8' },
  }),
  'packages/client/package.json': JSON.stringify({ dependencies: { 'socket.io-client': '4' } }),
  'packages/web/package.json': JSON.stringify({}),
  'packages/server/src/app.ts': "import { A } from './modules/a/index.ts'\nexport const app = A",
  [`${a}/index.ts`]: "export { A } from './a.service.ts'",
  [`${a}/a.service.ts`]: "import { find } from './a.repository.ts'\nexport const A = find",
  [`${a}/a.repository.ts`]: "import type { A } from './a.schema.ts'\nexport const find = (x: A) => x",
  [`${a}/a.schema.ts`]: "import { Type } from 'typebox'\nimport '../../platform/ids.ts'\nexport type A = typeof Type",
  [`${a}/a.errors.ts`]: "import '../../platform/ids.ts'",
  [`${a}/a.routes.ts`]: "import type { A } from './a.service.ts'\nimport 'fastify'\nexport type R = typeof A",
  [`${a}/a.test.ts`]: "import '../b/b.service.ts'\nimport 'pg'",
  [`${b}/index.ts`]: "export { B } from './b.service.ts'",
  [`${b}/b.service.ts`]: "import { A } from '../a/index.ts'\nexport const B = A",
  [`${platform}/ids.ts`]: 'export const id = 1',
  [`${platform}/db/dialects/postgres-connections.ts`]: "import 'pg'",
  [`${platform}/realtime/realtime-server.ts`]: "import type { Server } from 'socket.io'\nexport type S = Server",
  'packages/server/src/config/config.ts': 'export {}',
  'packages/client/src/index.ts': "import 'socket.io-client'",
  'packages/web/src/main.tsx': "import '../../client/src/index.ts'",
}

const breaches = {
  'no-circle': { [`${a}/a.schema.ts`]: "import type { find } from './a.repository.ts'\nexport type A = typeof find" },
  resolvable: { [`${a}/more.ts`]: "import './nowhere.ts'" },
  declared: { [`${a}/more.ts`]: "import 'react'" },
  'tests-stay-outside': { [`${a}/more.ts`]: "import './a.test.ts'" },
  'platform-knows-no-module': {
    [`${platform}/x.ts`]: "import type { A } from '../modules/a/index.ts'\nexport type X = A",
  },
  'config-knows-no-module': { 'packages/server/src/config/config.ts': "import '../modules/a/index.ts'" },
  'modules-know-no-app': { [`${b}/more.ts`]: "import '../../app.ts'" },
  'through-the-door': { [`${b}/b.service.ts`]: "import type { A } from '../a/a.service.ts'\nexport type B = typeof A" },
  'through-the-door-from-outside': { 'packages/server/src/app.ts': "import './modules/a/a.service.ts'" },
  schema: { [`${a}/a.schema.ts`]: "import 'node:fs'\nexport type A = 1" },
  errors: { [`${a}/a.errors.ts`]: "import './a.schema.ts'" },
  repository: {
    [`${a}/a.repository.ts`]:
      "import type { FastifyInstance } from 'fastify'\nexport const find = (x: FastifyInstance) => x",
  },
  'repository-stays-in-its-module': { [`${b}/b.repository.ts`]: "import '../a/index.ts'" },
  service: { [`${b}/b.service.ts`]: "import 'fastify'\nexport const B = 1" },
  transport: { [`${a}/a.routes.ts`]: "import './a.repository.ts'" },
  'socket.io': { [`${a}/a.socket.ts`]: "import type { Socket } from 'socket.io'\nexport type S = Socket" },
  'socket.io-client': { 'packages/web/src/more.ts': "import 'socket.io-client'" },
  drivers: { [`${platform}/db/more.ts`]: "import type { Pool } from 'pg'\nexport type P = Pool" },
  'one-importer: jose': {
    [`${a}/one.ts`]: "import 'jose'",
    [`${a}/two.ts`]: "import type { JWK } from 'jose'\nexport type K = JWK",
  },
  'browser-knows-no-server': {
    'packages/client/src/more.ts': "import type { A } from '../../server/src/modules/a/index.ts'\nexport type X = A",
  },
  'web-through-the-client': {
    'packages/client/src/inner.ts': 'export {}',
    'packages/web/src/main.tsx': "import '../../client/src/inner.ts'",
  },
  'server-knows-no-browser': { [`${a}/more.ts`]: "import '../../../../client/src/index.ts'" },
  'runs-in-browsers': { 'packages/client/src/more.ts': "import 'node:fs'" },
}

let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-rules-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function brokenRules(files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const options = { ...rules.options, baseDir: folder, ruleSet: { forbidden: rules.forbidden }, validate: true }
  const { output } = await cruise(['packages'], options)
  return [...new Set(output.summary.violations.map((violation) => violation.rule.name))]
}

it('lets a sound tree pass', async () => {
  expect(await brokenRules(sound)).toEqual([])
})

it.each(Object.entries(breaches))('%s', async (rule, change) => {
  expect(await brokenRules({ ...sound, ...change })).toContain(rule)
})

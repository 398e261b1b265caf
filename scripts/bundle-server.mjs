// Makes packages/server/dist: the server's own files, and the packages that every start needs, in a few large files.
// docs/adr/0014-the-server-in-few-files.md says why.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'rolldown'
import { minifySync } from 'rolldown/utils'
import { warm } from './warm-server.mjs'

const folder = join(import.meta.dirname, '../packages/server')
const dist = join(folder, 'dist')
const programs = { main: 'src/main.ts', cli: 'src/cli.ts' }
/** What others may import; they share their files with the programs. */
const doors = Object.fromEntries(
  ['index', 'testing'].map((name) => [name, `src/${name}.ts`]).filter(([, file]) => existsSync(join(folder, file))),
)

/** Programs of threads, which the programs start by their names. */
const threads = { 'hash-thread': 'src/modules/accounts/hash-thread.ts' }

/** What every start loads and is nothing but JavaScript. All others are loaded from where npm put them, by who needs them. */
const within = [
  ...['@fastify/cors', '@fastify/multipart', '@fastify/static', '@fastify/swagger', '@fastify/type-provider-typebox'],
  ...[
    'content-disposition',
    'cookie',
    'fast-json-stringify',
    'fastify',
    'jose',
    'kysely',
    'socket.io',
    'typebox',
    'uuid',
  ],
]
const isPackage = (id) => /^[^./\0]/.test(id)
const isWithin = (id) => within.some((name) => id === name || id.startsWith(`${name}/`))
const isOfPackage = (file) => file?.includes('node_modules/') ?? false

/** A program begins with what has to be said before any other file is read. */
const beginnings = {
  name: 'beginnings',
  resolveId: (id) => (Object.hasOwn(programs, id) ? `\0${id}` : undefined),
  load: (id) =>
    id.startsWith('\0') && Object.hasOwn(programs, id.slice(1))
      ? [
          `import { enableCompileCache } from 'node:module'`,
          // Where nothing can be written, what is there is used.
          `enableCompileCache(import.meta.dirname + '/.compiled')`,
          `await import(${JSON.stringify(join(folder, programs[id.slice(1)]))})`,
        ].join('\n')
      : undefined,
}

/** Packages that ask where they lie are told where npm put them. */
const places = {
  name: 'places',
  transform: (code, id) => {
    const isNested = /server\/src\/.+\//.test(id)
    if (isNested && /import\.meta\.(?!url\))/.test(code))
      throw new Error(`${id} asks where it lies, but it will lie in dist: let a file of src/ itself ask.`)
    if (!isOfPackage(id) || !code.includes('__dirname')) return undefined
    const address = id.slice(id.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const place = `require('node:path').dirname(require.resolve(${JSON.stringify(address)}))`
    return { code: code.replaceAll(/\b__dirname\b/g, place), map: { mappings: '' } }
  },
}

const yaml = ["const yaml = require('yaml')", "const yaml = { get stringify() { return require('yaml').stringify } }"]
/**
 * What packages load when they are loaded, and we never use: loaded when it is called for. `depd` also asks in which line it
 * was called, for which V8 counts all lines of this file, and keeps them.
 */
const unused = {
  'http-errors/index.js': [
    "var deprecate = require('depd')('http-errors')",
    "var deprecate = (...given) => require('depd')('http-errors')(...given)",
  ],
  '@fastify/static/index.js': [
    "const { glob } = require('glob')",
    "const glob = (...given) => require('glob').glob(...given)",
  ],
  '@fastify/swagger/lib/spec/openapi/index.js': yaml,
  '@fastify/swagger/lib/spec/swagger/index.js': yaml,
}
/** Of these the text is not there either; they would be loaded from where npm put them. */
const neverUsed = ['glob', 'yaml']
const later = {
  name: 'later',
  transform: (code, id) => {
    const [, found] = Object.entries(unused).find(([file]) => id.endsWith(`node_modules/${file}`)) ?? []
    if (!found) return undefined
    if (!code.includes(found[0])) throw new Error(`${id} does not say ${found[0]} any more.`)
    return { code: code.replace(...found), map: { mappings: '' } }
  },
}

/** npm puts one release of a package into several places where another one is in the way; once is enough. */
const copies = new Map()
const once = {
  name: 'once',
  async resolveId(id, importer, options) {
    if (!isOfPackage(importer) || id.startsWith('node:')) return undefined
    const found = await this.resolve(id, importer, { ...options, skipSelf: true })
    const [, home, inside] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)(\/.+)$/.exec(found?.id ?? '') ?? []
    if (!home || found.external) return found
    const { name, version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
    const key = `${name}@${version}`
    if (!copies.has(key)) copies.set(key, home)
    return { ...found, id: copies.get(key) + inside }
  },
}

await build({
  cwd: folder,
  platform: 'node',
  input: { ...Object.fromEntries(Object.keys(programs).map((name) => [name, name])), ...doors, ...threads },
  external: (id, importer) =>
    neverUsed.includes(id) ||
    (isPackage(id) && !Object.hasOwn(programs, id) && !isWithin(id) && !isOfPackage(importer)),
  plugins: [beginnings, once, places, later],
  output: {
    dir: dist,
    format: 'esm',
    sourcemap: true,
    chunkFileNames: '[name]-[hash].js',
    comments: { legal: true, annotation: false, jsdoc: false },
    codeSplitting: { groups: [{ name: 'packages', test: /node_modules/ }] },
  },
  logLevel: 'warn',
})

/** Nothing is renamed or written in another way. */
const withoutSpaces = { mangle: false, compress: false, codegen: { removeWhitespace: true, legalComments: 'inline' } }

for (const name of readdirSync(dist).filter((each) => each.endsWith('.js.map'))) {
  const file = join(dist, name)
  if (name.startsWith('packages-')) {
    // Megabytes that each start would read, for spaces and places; functions of packages are named in it as they are.
    const script = file.slice(0, -'.map'.length)
    rmSync(file)
    const packages = readFileSync(script, 'utf8').replace(/\n\/\/# sourceMappingURL=\S*\s*$/, '\n')
    const { code, errors } = minifySync(script, packages, { module: true, ...withoutSpaces })
    if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`)
    writeFileSync(script, code)
  } else {
    const { sourcesContent: _, ...map } = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify(map))
  }
}

/**
 * V8 keeps the text of what it runs, two bytes for each character as soon as one of them is beyond Latin-1. Written as
 * escapes they mean the same, wherever they are not taken literally.
 */
function inAscii(name, text) {
  const literal = /\\[^\0-\x7f]|\braw`[^`]*[^\0-\x7f`]/.exec(text)
  if (literal) throw new Error(`${name} takes a character beyond ASCII literally, write it as an escape: ${literal[0]}`)
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

for (const name of readdirSync(dist).filter((each) => each.endsWith('.js'))) {
  const file = join(dist, name)
  writeFileSync(file, inAscii(name, readFileSync(file, 'utf8')))
}

const redoc = join(dirname(createRequire(join(folder, 'package.json')).resolve('redoc/package.json')), 'bundles')
for (const name of ['redoc.standalone.js', 'redoc.standalone.js.LICENSE.txt'])
  copyFileSync(join(redoc, name), join(dist, name))

await warm(join(dist, 'main.js'))

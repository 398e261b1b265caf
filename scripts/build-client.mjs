// Makes packages/client/dist, which is what a registry or a project beside this one gets: `index.js` with its types for
// bundlers and Node, and `browser.js` in one piece, for pages that are made without any tool. With a folder as its argument
// it makes that one instead.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'rolldown'
import { isolatedDeclarationSync } from 'rolldown/experimental'

const folder = join(import.meta.dirname, '../packages/client')
const source = join(folder, 'src')
const dist = resolve(process.argv[2] ?? join(folder, 'dist'))

/** `.d.ts` of a file, and of every file whose types it names. */
function declare(file, done) {
  if (done.has(file)) return
  done.add(file)
  const { code, errors } = isolatedDeclarationSync(file, readFileSync(file, 'utf8'))
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message} (what is exported says its types)`)
  const path = /(from\s*|import\()(['"])(\.[^'"]+)\.ts\2/g
  for (const [, , , name] of code.matchAll(path)) declare(join(dirname(file), `${name}.ts`), done)
  const target = join(dist, relative(source, file).replace(/\.ts$/, '.d.ts'))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, code.replace(path, '$1$2$3.js$2'))
}

const bundle = (file, options, output) =>
  build({
    cwd: folder,
    input: join(source, 'index.ts'),
    platform: 'browser',
    ...options,
    output: { file: join(dist, file), format: 'esm', codeSplitting: false, ...output },
    logLevel: 'warn',
  })

rmSync(dist, { recursive: true, force: true })
await bundle('index.js', { external: /^[^./]/ }, { sourcemap: true })
await bundle('browser.js', {}, { minify: true })
declare(join(source, 'index.ts'), new Set())

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { whyInstall } from './setup/dependencies.mjs'
import { fingerprint, isFresh, writeStamp } from './setup/fingerprint.mjs'

let root
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'atrium-setup-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (path, content) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

describe('a build', () => {
  const print = () => fingerprint(root, ['src', 'tsconfig.json', 'no-such-file'])
  const isStale = () => !isFresh(join(root, 'dist'), print())

  beforeEach(() => {
    write('src/deep/a.ts', 'one')
    write('src/a.test.ts', 'test')
    write('tsconfig.json', '{}')
    write('dist/a.js', 'built')
    expect(isStale()).toBe(true)
    writeStamp(join(root, 'dist'), print())
    expect(isStale()).toBe(false)
  })

  it.each([
    ['a source changes its size', () => write('src/deep/a.ts', 'longer')],
    ['a source changes its time', () => utimesSync(join(root, 'src/deep/a.ts'), 1, 1)],
    ['a source is new', () => write('src/b.ts', '')],
    ['a source is gone', () => rmSync(join(root, 'src/deep/a.ts'))],
    ['the settings change', () => write('tsconfig.json', '{"a":1}')],
    ['the output is gone', () => rmSync(join(root, 'dist'), { recursive: true })],
  ])('is stale when %s', (_, change) => {
    change()
    expect(isStale()).toBe(true)
  })

  it('stays fresh when only a test changes', () => {
    write('src/a.test.ts', 'another test')
    expect(isStale()).toBe(false)
  })
})

describe('an installation', () => {
  const manifest = { scripts: {}, workspaces: ['packages/x'], dependencies: { left: '^1' } }
  const packages = {
    '': { workspaces: ['packages/x'], dependencies: { left: '^1' } },
    'packages/x': { devDependencies: { right: '^2' } },
    'node_modules/left': { version: '1.0.0' },
    'node_modules/right': { version: '2.0.0', dev: true },
    'node_modules/elsewhere': { version: '3.0.0', optional: true },
    'node_modules/stray': { version: '4.0.0', extraneous: true },
  }
  const { '': _, 'packages/x': __, 'node_modules/elsewhere': ___, 'node_modules/stray': ____, ...installed } = packages

  beforeEach(() => {
    write('package.json', manifest)
    write('packages/x/package.json', { devDependencies: { right: '^2' } })
    write('package-lock.json', { packages })
    write('node_modules/.package-lock.json', { packages: installed })
    expect(whyInstall(root)).toBeUndefined()
  })

  it('is kept when only scripts change', () => {
    write('package.json', { ...manifest, scripts: { test: 'x' } })
    expect(whyInstall(root)).toBeUndefined()
  })

  it.each([
    ['node_modules is missing', () => rmSync(join(root, 'node_modules'), { recursive: true })],
    [
      'node_modules/right is not 2.0.1',
      () => write('package-lock.json', { packages: { ...packages, 'node_modules/right': { version: '2.0.1' } } }),
    ],
    [
      'node_modules/left is not installed',
      () => write('node_modules/.package-lock.json', { packages: { ...installed, 'node_modules/left': undefined } }),
    ],
    [
      'packages/x/package.json has other devDependencies',
      () => write('packages/x/package.json', { devDependencies: { right: '^3' } }),
    ],
    [
      'package.json has other workspaces',
      () => write('package.json', { ...manifest, workspaces: ['packages/x', 'packages/y'] }),
    ],
  ])('is made again because %s', (reason, change) => {
    change()
    expect(whyInstall(root)).toBe(reason)
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { findProgram } from '../../../scripts/setup/programs.mjs'
import { loadConfig } from '../src/config/config.ts'
import { Settings } from '../src/config/settings.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const deploy = join(import.meta.dirname, '../../../deploy')
const read = (file: string) => readFileSync(join(deploy, file), 'utf8')
const secret = 'Zq3-8dPqkXv27_ttWmNbR5yHc1LfJ6sA'
const image = { NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '8000', DATA_DIR: '/data' }

function expectProduction(variables: Record<string, string>) {
  expect(Object.keys(variables).filter((name) => !(name in Settings.properties))).toEqual([])
  const config = loadConfig(variables)
  expect(config).toMatchObject({ production: true, tls: true, emailVerification: 'required' })
  expect(config.trustedProxies).not.toEqual([])
  return config
}

let folder: string
let app: TestApp
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-deploy-'))
  app = await createTestApp()
})
afterAll(async () => {
  await app.drop()
  rmSync(folder, { recursive: true })
})

/** Does not throw where the program takes the file. */
const run = (program: string, args: string[], env: Record<string, string> = {}) =>
  execFileSync(program, args, { env: { ...process.env, ...env }, stdio: 'pipe', timeout: 60_000 })

describe('P01: the image', () => {
  const dockerfile = read('Dockerfile')

  it('has the settings of a production, and is not run by root', () => {
    const [, line = ''] = /^ENV (.*)$/m.exec(dockerfile) ?? []
    expect(Object.fromEntries(line.split(' ').map((pair) => pair.split('=')))).toEqual(image)
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM'))
    expect(last).toMatch(/^USER node$/m)
    expect(last).not.toMatch(/^COPY (?!--from)/m)
  })

  it('copies the package.json of each workspace', () => {
    const { workspaces } = JSON.parse(readFileSync(join(deploy, '../package.json'), 'utf8')) as { workspaces: string[] }
    for (const workspace of workspaces) expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/`)
  })

  it('asks an address that answers', async () => {
    expect(dockerfile).toContain("+ '/ready'")
    expect((await app.visitor().get('/ready')).status).toBe(200)
  })
})

describe('P03: compose', () => {
  const given: Record<string, string> = {
    ...{ SITE: 'chat.example.com', SECRET_KEY: secret, POSTGRES_PASSWORD: 'p', S3_KEY: 'k', S3_SECRET: 's' },
    ...{ SMTP_URL: 'smtp://mail.example.com:587', MAIL_FROM: 'no-reply@example.com' },
  }
  const composition = parse(read('compose.yaml'), { merge: true })
  const instances = ['atrium-1', 'atrium-2']

  it.each(instances)('%s has settings the server takes, and shares all that must be shared', (name) => {
    const environment: Record<string, string> = composition.services[name].environment
    const filled = Object.entries(environment).map(([key, value]) => [
      key,
      String(value).replace(/\$\{(\w+)(?::-(\w*)|:\?)\}/g, (_all, variable, usual) => given[variable] ?? usual ?? ''),
    ])
    const config = expectProduction({ ...image, ...Object.fromEntries(filled) })
    expect(config.database.kind).toBe('postgres')
    expect(config.tables).toEqual(config.database)
    expect(environment).toHaveProperty('REDIS_URL')
    expect(environment).toHaveProperty('S3_BUCKET')
    expect(composition.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], stop_grace_period: '20s' })
  })

  const program = findProgram('docker-compose')
  it.skipIf(!program)('is taken by docker-compose', () => {
    const variables = join(folder, 'variables')
    writeFileSync(
      variables,
      Object.entries(given)
        .map((pair) => `${pair.join('=')}\n`)
        .join(''),
    )
    run(program ?? '', ['--env-file', variables, '-f', join(deploy, 'compose.yaml'), 'config', '-q'])
  })
})

describe('Kubernetes', () => {
  const documents = parseAllDocuments(read('kubernetes/atrium.yaml')).map((document) => document.toJS())
  const of = (kind: string) => documents.find((document) => document.kind === kind)

  it('has settings the server takes, with those of the secret', () => {
    const [, names = ''] = /kubectl create secret([\s\S]*?)kubectl apply/.exec(read('README.md')) ?? []
    const secrets: Record<string, string> = {
      ...{ SECRET_KEY: secret, DATABASE_URL: 'postgres://a:b@db/atrium', REDIS_URL: 'rediss://redis:6379' },
      ...{ SMTP_URL: 'smtps://mail.example.com', AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' },
    }
    expect([...names.matchAll(/--from-literal=(\w+)/g)].map(([, name]) => name).sort()).toEqual(
      Object.keys(secrets).sort(),
    )
    expectProduction({ ...image, ...of('ConfigMap').data, ...secrets })
  })

  it('probes addresses that answer, and is locked down', async () => {
    const { containers, securityContext, terminationGracePeriodSeconds } = of('Deployment').spec.template.spec
    const [container] = containers
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect((await app.visitor().get(container[probe].httpGet.path)).status).toBe(200)
    }
    expect(terminationGracePeriodSeconds).toBeGreaterThan(15)
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    })
    expect(container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual(['/data', '/tmp'])
  })

  it('selects what it labels', () => {
    const { selector, template } = of('Deployment').spec
    expect(template.metadata.labels).toEqual(selector.matchLabels)
    expect(of('Service').spec.selector).toEqual(selector.matchLabels)
    expect(of('PodDisruptionBudget').spec.selector).toEqual(selector)
    expect(of('Ingress').spec.rules[0].http.paths[0].backend.service.name).toBe(of('Service').metadata.name)
  })
})

describe('one machine', () => {
  it('P05: the settings of the page are taken', () => {
    const [, lines = ''] = /```\n( +SECRET_KEY=[\s\S]*?)```/.exec(read('README.md')) ?? []
    const pairs = [...lines.matchAll(/^ +(\w+)=(.*?)(?: +#.*)?$/gm)].map(([, name = '', value]) => [name, value])
    expect(pairs).toHaveLength(5)
    expectProduction({ NODE_ENV: 'production', ...Object.fromEntries(pairs), SECRET_KEY: secret })
  })

  const systemd = findProgram('systemd-analyze')
  it.skipIf(!systemd)('P05: systemd takes the unit', () => {
    // It looks for the program, which is here at another place.
    const unit = join(folder, 'atrium.service')
    writeFileSync(unit, read('atrium.service').replace('/opt/atrium/node_modules/.bin/node', process.execPath))
    run(systemd ?? '', ['verify', unit])
  })

  const nginx = findProgram('nginx')
  it.skipIf(!nginx)('P04: nginx takes its file', () => {
    const pem = join(folder, 'site.pem')
    const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost']
    run('openssl', [...certificate, '-keyout', pem, '-out', `${pem}.crt`])
    const site = read('nginx.conf').replace(/ssl_certificate .*;/, `ssl_certificate ${pem}.crt;`)
    const main = join(folder, 'nginx.conf')
    writeFileSync(join(folder, 'site.conf'), site.replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${pem};`))
    writeFileSync(main, `pid ${folder}/pid; error_log stderr; events {} http { include ${folder}/site.conf; }`)
    run(nginx ?? '', ['-t', '-q', '-c', main, '-p', folder])
  })

  const caddy = findProgram('caddy')
  it.skipIf(!caddy)('P04: Caddy takes its file', () => {
    const settings = { SITE: 'localhost', INSTANCES: '127.0.0.1:8000 127.0.0.1:8001', HOME: folder }
    run(caddy ?? '', ['validate', '--adapter', 'caddyfile', '--config', join(deploy, 'Caddyfile')], settings)
  })
})

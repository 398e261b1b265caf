import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'

const acme = {
  OIDC_ACME_ISSUER: 'https://id.acme.example/',
  OIDC_ACME_CLIENT_ID: 'atrium',
  OIDC_ACME_CLIENT_SECRET: 'a secret of acme',
}

function problems(variables: Record<string, string>): readonly string[] {
  try {
    loadConfig(variables)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('O05 sign-in providers', () => {
  it('are none unless they are set up', () => {
    expect(loadConfig({}).oauth.providers).toEqual([])
  })

  it('are Google, GitHub and any number of others', () => {
    const config = loadConfig({
      ...acme,
      GOOGLE_CLIENT_ID: 'g',
      GOOGLE_CLIENT_SECRET: 'gs',
      GITHUB_CLIENT_ID: 'h',
      GITHUB_CLIENT_SECRET: 'hs',
      GITHUB_TRUSTED: 'false',
      OIDC_WORK2_ISSUER: 'http://localhost:9000/realms/work',
      OIDC_WORK2_CLIENT_ID: 'w',
      OIDC_WORK2_CLIENT_SECRET: 'ws',
      OIDC_WORK2_TRUSTED: 'true',
    })
    expect(config.oauth.providers).toEqual([
      { id: 'google', kind: 'google', name: 'Google', issuer: '', clientId: 'g', trusted: true },
      { id: 'github', kind: 'github', name: 'GitHub', issuer: '', clientId: 'h', trusted: false },
      {
        id: 'acme',
        kind: 'oidc',
        name: 'Acme',
        issuer: 'https://id.acme.example/',
        clientId: 'atrium',
        trusted: false,
      },
      {
        id: 'work2',
        kind: 'oidc',
        name: 'Work2',
        issuer: 'http://localhost:9000/realms/work',
        clientId: 'w',
        trusted: true,
      },
    ])
    expect(Object.fromEntries(config.secrets.oauth)).toEqual({
      google: 'gs',
      github: 'hs',
      acme: 'a secret of acme',
      work2: 'ws',
    })
  })

  it('show no secret', () => {
    const { sources } = loadConfig({ ...acme, GOOGLE_CLIENT_ID: 'g', GOOGLE_CLIENT_SECRET: 'a secret of google' })
    expect(sources.OIDC_ACME_ISSUER).toEqual({ value: 'https://id.acme.example/', source: 'environment' })
    expect(JSON.stringify(sources)).not.toContain('a secret of')
  })

  it.each([
    [{ GOOGLE_CLIENT_ID: 'g' }, 'GOOGLE_CLIENT_SECRET: GOOGLE_CLIENT_ID needs it'],
    [{ GITHUB_CLIENT_SECRET: 'h' }, 'GITHUB_CLIENT_ID: GITHUB_CLIENT_SECRET needs it'],
    [{ GOOGLE_TRUSTED: 'maybe' }, 'GOOGLE_TRUSTED: '],
    [{ ...acme, OIDC_ACME_ISSUER: '' }, 'OIDC_ACME_ISSUER: the other OIDC_ACME settings need it'],
    [{ ...acme, OIDC_ACME_CLIENT_ID: '' }, 'OIDC_ACME_CLIENT_ID: the other OIDC_ACME settings need it'],
    [{ ...acme, OIDC_ACME_CLIENT_SECRET: '' }, 'OIDC_ACME_CLIENT_SECRET: the other OIDC_ACME settings need it'],
    [{ ...acme, OIDC_ACME_TRUSTED: 'yes' }, 'OIDC_ACME_TRUSTED: must be true or false'],
    [{ ...acme, OIDC_ACME_ISSUER: 'id.acme.example' }, 'OIDC_ACME_ISSUER: is not an https address'],
    [{ ...acme, OIDC_ACME_ISSUER: 'http://id.acme.example' }, 'OIDC_ACME_ISSUER: must be https'],
    [{ ...acme, OIDC_ACME_ISSUER: 'https://id.acme.example/?a=b' }, 'OIDC_ACME_ISSUER: must be the issuer'],
    [{ OIDC_GOOGLE_ISSUER: 'https://id.example' }, 'OIDC_GOOGLE_ISSUER: GOOGLE is the name of a provider'],
    [{ OIDC_DEV_CLIENT_ID: 'x' }, 'OIDC_DEV_CLIENT_ID: DEV is the name of a provider'],
    [{ OIDC_MY_WORK_CLIENT_ID: 'x' }, 'OIDC_MY_WORK_CLIENT_ID: the part after OIDC_'],
    [{ OIDC_work_CLIENT_ID: 'x' }, 'OIDC_work_CLIENT_ID: the part after OIDC_'],
  ])('#12 refuse to start with %j', (variables, line) => {
    const found = problems(variables as unknown as Record<string, string>)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(line)
  })

  it('take plain http for issuers of this machine in development only', () => {
    const local = { ...acme, OIDC_ACME_ISSUER: 'http://127.0.0.1:9000' }
    expect(loadConfig(local).oauth.providers).toHaveLength(1)
    expect(problems({ ...local, NODE_ENV: 'production' })).toContain('OIDC_ACME_ISSUER: must be https')
  })
})

import { availableParallelism } from 'node:os'
import { type Config, ConfigError, loadConfig } from '../config/config.ts'
import { isLoopback } from '../platform/http/loopback.ts'
import { type Finding, found, settingRefused } from './findings.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Settings that can be used, or why not. */
export function readSettings(variables: Variables): { config: Config } | { refused: Finding[] } {
  try {
    return { config: loadConfig(variables) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const named = error.problems.map((problem) => /^([A-Z][A-Z0-9_]*): (.*)$/s.exec(problem) ?? [problem, '', problem])
    return { refused: named.map(([, name = '', problem = '']) => settingRefused(name, problem)) }
  }
}

const isEveryone = (network: string): boolean => /\/0$/.test(network)
const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::'

/** What is allowed, and seldom meant. */
export function judgeSettings(config: Config): (Finding | undefined)[] {
  const { production, publicUrl, host, trustedProxies, secrets, mail, push, workers, tls } = config
  const foreign = config.warnings.filter((warning) => warning.includes('is not read here'))
  const everyone = trustedProxies.filter(isEveryone)
  const isOpen = !isLoopback(host) || !isLoopback(publicUrl.hostname)
  const cores = availableParallelism()
  return [
    ...foreign.map((warning) => found('settings_foreign', warning)),
    config.testing ? found('testing_on', 'TESTING=true') : undefined,
    !production && isOpen
      ? found('environment_development', `NODE_ENV is development at ${publicUrl.origin}, on ${host}.`)
      : undefined,
    secrets.oldKeys.includes(secrets.key)
      ? found('old_key_repeated', 'A key that is in use still is no old one.')
      : undefined,
    production && mail.driver === 'off' ? found('mail_off', 'MAIL_DRIVER is off.') : undefined,
    production && /[@/]localhost$/.test(push.subject) ? found('push_subject', `It is ${push.subject}.`) : undefined,
    workers > cores ? found('workers_exceed_cores', `WORKERS is ${workers}, of ${cores} processors.`) : undefined,
    everyone.length > 0 ? found('proxy_trusts_everyone', `${everyone.join(', ')} is every address.`) : undefined,
    production && tls && trustedProxies.length === 0
      ? found('proxy_unknown', `${publicUrl.origin} has TLS, which a proxy ends, and TRUSTED_PROXIES is empty.`)
      : undefined,
    production && isEverywhere(host) ? found('host_exposed', `HOST is ${host}, without TLS of its own.`) : undefined,
  ]
}

/** `error`: does not work, or is not safe. `warning`: will hurt one day. `note`: could be better. The worst first. */
export const severities = ['error', 'warning', 'note'] as const
export type Severity = (typeof severities)[number]

/** What can be found, and how bad it is. In reports and in the guide the names begin with `browser_`. */
export const findings = {
  offline: 'error',
  server_unreachable: 'error',
  answer_other: 'error',
  origin_refused: 'error',
  address_other: 'warning',
  insecure: 'error',
  proxy_unknown: 'warning',
  clock: 'warning',
  cookies_off: 'error',
  cookies_lost: 'error',
  cookies_rewritten: 'error',
  cookies_readable: 'error',
  session_lost: 'error',
  csrf_header: 'error',
  upload_refused: 'error',
  websocket: 'error',
  polling: 'note',
  stream_held: 'warning',
  policy_missing: 'warning',
  policy_broken: 'note',
  not_compressed: 'note',
  http_old: 'note',
  storage_off: 'warning',
  storage_small: 'note',
  push_missing: 'note',
  push_denied: 'note',
  time_zone_unknown: 'note',
  time_zone_other: 'note',
} as const satisfies Record<string, Severity>

export type FindingId = keyof typeof findings

export const isKnown = (id: string): id is FindingId => Object.hasOwn(findings, id)

export interface Found {
  id: FindingId
  /** What was seen: numbers and names of ours, never what a person typed or keeps. */
  values: Readonly<Record<string, string | number>>
}

export const found = (id: FindingId, values: Found['values'] = {}): Found[] => [{ id, values }]
export const nothing: Found[] = []

export const worstFirst = (all: readonly Found[]): Found[] =>
  all.toSorted((a, b) => severities.indexOf(findings[a.id]) - severities.indexOf(findings[b.id]))

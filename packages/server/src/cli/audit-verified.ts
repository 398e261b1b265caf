import type { AuditVerification } from '../modules/audit/index.ts'

/** What was found, in words. */
export function auditVerified({ ok, checked, unsealed, head, first_bad }: AuditVerification): string {
  const lines = [`${checked} events are as they were sealed.`]
  if (unsealed > 0) lines.push(`${unsealed} are not sealed yet; a running server does that within a second or two.`)
  if (ok) return [...lines, `Head: ${head}`].join('\n')
  const which = [
    first_bad?.event_id && `event ${first_bad.event_id}`,
    first_bad?.position != null && `position ${first_bad.position}`,
  ]
  return [
    ...lines,
    `The next is not: ${which.filter(Boolean).join(', ')}. ${first_bad?.detail} (${first_bad?.problem}).`,
  ].join('\n')
}

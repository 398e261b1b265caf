import type { TFunction } from 'i18next'
import { type Found, findings } from './findings.ts'

export interface Said {
  id: string
  severity: (typeof findings)[Found['id']]
  title: string
  detail: string
  cure: string
}

export const sayFound = ({ id, values }: Found, t: TFunction): Said => ({
  id: `browser_${id}`,
  severity: findings[id],
  title: t(`doctor.found.${id}.title`),
  detail: t(`doctor.found.${id}.detail`, values),
  cure: t(`doctor.found.${id}.cure`),
})

/** As `atrium doctor` writes it, for a mail or a chat with somebody who can help. */
export function asText(all: readonly Said[], at: Date): string {
  const head = `Atrium, browser check\n${location.origin}, ${at.toISOString()}\n${navigator.userAgent}`
  const parts = all.map(
    ({ id, severity, title, detail, cure }) => `${severity.toUpperCase()} ${id}: ${title}\n  ${detail}\n  ${cure}`,
  )
  return [head, ...(parts.length > 0 ? parts : ['Nothing was found.'])].join('\n\n')
}

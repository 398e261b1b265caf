import { vapidKeyOf } from '../platform/push/vapid.ts'
import type { Settings } from './settings.ts'

export interface PushConfig {
  /** Whom push services write to when something is wrong: mailto: or https:. */
  subject: string
}

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

/** The settings of pushes; what is wrong with them goes to `attempt`. */
export function readPushConfig(
  settings: Settings,
  { publicUrl, mailFrom, attempt }: { publicUrl: URL; mailFrom: string; attempt: Attempt },
): { push: PushConfig; secrets: { vapidPrivateKey: string } } {
  const ours = publicUrl.protocol === 'https:' ? publicUrl.origin : `mailto:${mailFrom}`
  const subject = attempt('VAPID_SUBJECT', () => readSubject(settings.VAPID_SUBJECT) ?? ours, ours)
  const given = settings.VAPID_PRIVATE_KEY
  const vapidPrivateKey = attempt('VAPID_PRIVATE_KEY', () => (given ? vapidKeyOf(given).privateKey : ''), '')
  return { push: { subject }, secrets: { vapidPrivateKey } }
}

function readSubject(text: string): string | undefined {
  if (text === '') return undefined
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'mailto:') throw new Error('must be a mailto: or https: address')
  return text
}

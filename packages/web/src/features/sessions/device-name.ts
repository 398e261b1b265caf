import type { TFunction } from 'i18next'
import { deviceOf } from './device.ts'

/** "Firefox on a Mac", as far as the user agent tells. */
export function deviceNameOf(userAgent: string, t: TFunction): string {
  const { browser, system } = deviceOf(userAgent)
  if (!system) return browser ?? t('sessions.unknown')
  return t('sessions.device', { browser: browser ?? t('sessions.unknown'), system: t(`sessions.${system}`) })
}

export const ownDeviceName = (t: TFunction): string => deviceNameOf(navigator.userAgent, t)

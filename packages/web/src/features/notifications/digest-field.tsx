import type { NotificationPreferences } from '@atrium/client'
import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PreferencesChange } from './preferences.ts'

interface DigestFieldProps {
  preferences: NotificationPreferences
  onChange: (change: PreferencesChange) => void
}

export function DigestField({ preferences, onChange }: DigestFieldProps) {
  const { t } = useTranslation()
  return (
    <NativeSelect
      size="md"
      maw={320}
      label={t('noticeSettings.digest')}
      value={preferences.digest}
      onChange={({ currentTarget: { value } }) =>
        onChange((known) => ({ ...known, digest: value as NotificationPreferences['digest'] }))
      }
      data={[
        { value: 'off', label: t('noticeSettings.digestOff') },
        { value: 'hourly', label: t('noticeSettings.digestHourly') },
        { value: 'daily', label: t('noticeSettings.digestDaily') },
      ]}
    />
  )
}

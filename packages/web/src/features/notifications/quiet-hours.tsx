import type { NotificationPreferences } from '@atrium/client'
import { NativeSelect, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { timeZoneChoices } from '../accounts/region-choices.ts'
import classes from './preferences.module.css'
import type { PreferencesChange } from './preferences.ts'

interface QuietHoursProps {
  preferences: NotificationPreferences
  onChange: (change: PreferencesChange) => void
}

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export function QuietHours({ preferences, onChange }: QuietHoursProps) {
  const { t } = useTranslation()
  const me = useUser()
  const zones = useMemo(() => timeZoneChoices(), [])
  const quiet = preferences.quiet_hours
  const set = (hours: NotificationPreferences['quiet_hours']) => onChange((known) => ({ ...known, quiet_hours: hours }))
  return (
    <Stack>
      <Switch
        size="md"
        label={t('noticeSettings.quietOn')}
        checked={quiet !== null}
        onChange={({ currentTarget: { checked } }) =>
          set(checked ? { start: '22:00', end: '07:00', time_zone: me.time_zone ?? ownZone() } : null)
        }
      />
      {quiet && (
        <div className={classes.hours}>
          {(['start', 'end'] as const).map((edge) => (
            <TextInput
              key={edge}
              type="time"
              label={t(edge === 'start' ? 'noticeSettings.from' : 'noticeSettings.until')}
              value={quiet[edge]}
              // A time that is half typed is no time yet.
              onChange={({ currentTarget: { value } }) => value && set({ ...quiet, [edge]: value })}
            />
          ))}
          <NativeSelect
            size="md"
            label={t('noticeSettings.zone')}
            value={quiet.time_zone}
            onChange={({ currentTarget: { value } }) => set({ ...quiet, time_zone: value })}
            data={zones.some(({ value }) => value === quiet.time_zone) ? zones : [quiet.time_zone, ...zones]}
          />
          {quiet.end <= quiet.start && (
            <Text size="sm" c="dimmed" className={classes.wide ?? ''}>
              {t('noticeSettings.nextDay')}
            </Text>
          )}
        </div>
      )}
    </Stack>
  )
}

import type { NotificationPreferences } from '@atrium/client'
import { Switch } from '@mantine/core'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Switch.css'
import { useTranslation } from 'react-i18next'
import classes from './preferences.module.css'
import { noticeChannels, noticeTypes, type PreferencesChange } from './preferences.ts'

interface ChannelTableProps {
  preferences: NotificationPreferences
  onChange: (change: PreferencesChange) => void
}

/** A line for each thing one can be told of, a switch for each way. */
export function ChannelTable({ preferences, onChange }: ChannelTableProps) {
  const { t } = useTranslation()
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <td />
          {noticeChannels.map((channel) => (
            <th key={channel} scope="col">
              {t(`noticeSettings.channel.${channel}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {noticeTypes.map((type) => (
          <tr key={type}>
            <th scope="row">{t(`noticeSettings.type.${type}`)}</th>
            {noticeChannels.map((channel) => (
              <td key={channel}>
                <Switch
                  size="md"
                  aria-label={t('noticeSettings.switch', {
                    type: t(`noticeSettings.type.${type}`),
                    channel: t(`noticeSettings.channel.${channel}`),
                  })}
                  checked={preferences[type][channel]}
                  onChange={({ currentTarget: { checked } }) =>
                    onChange((known) => ({ ...known, [type]: { ...known[type], [channel]: checked } }))
                  }
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

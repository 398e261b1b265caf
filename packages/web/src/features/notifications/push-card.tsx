import type { NotificationPreferences } from '@atrium/client'
import { ApiError, NetworkError } from '@atrium/client'
import { Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import type { PreferencesChange } from './preferences.ts'
import { readPushState, startPush, stopPush } from './push.ts'

const pushState = { queryKey: ['push-state'], queryFn: readPushState, staleTime: 0 }

interface PushCardProps {
  preferences: NotificationPreferences
  onChange: (change: PreferencesChange) => void
}

/** Being told in this browser while the page is closed. The browser asks only once the switch is turned. */
export function PushCard({ preferences, onChange }: PushCardProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const state = useQuery(pushState)
  const change = useMutation({
    mutationFn: async (on: boolean) => (on ? startPush() : stopPush()),
    onSettled: () => cache.invalidateQueries(pushState),
  })
  const isRefused = state.data === 'refused' || change.data === 'refused'
  const failure =
    change.error instanceof ApiError || change.error instanceof NetworkError
      ? explainError(change.error, t)
      : change.error && t('push.failed')
  return (
    <Stack>
      {state.data === 'unsupported' ? (
        <Text c="dimmed">{t('push.unsupported')}</Text>
      ) : (
        <Switch
          size="md"
          label={t('push.on')}
          description={t('push.text')}
          checked={change.isPending ? change.variables : state.data === 'on'}
          disabled={isRefused || state.isPending || change.isPending}
          onChange={({ currentTarget: { checked } }) => change.mutate(checked)}
        />
      )}
      {isRefused && <FormAlert kind="notice">{t('push.refused')}</FormAlert>}
      {change.data === 'dismissed' && <FormAlert kind="notice">{t('push.dismissed')}</FormAlert>}
      {failure && <FormAlert kind="error">{failure}</FormAlert>}
      <Switch
        size="md"
        label={t('push.previews')}
        description={t('push.previewsText')}
        checked={preferences.push_previews}
        onChange={({ currentTarget: { checked } }) => onChange((known) => ({ ...known, push_previews: checked }))}
      />
    </Stack>
  )
}

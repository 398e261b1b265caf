import { Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { ItemsLoading } from '../../app/item-list.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { ChannelTable } from './channel-table.tsx'
import { DigestField } from './digest-field.tsx'
import classes from './preferences.module.css'
import { usePreferences } from './preferences.ts'
import { PushCard } from './push-card.tsx'
import { QuietHours } from './quiet-hours.tsx'

export function NotificationPreferencesPage() {
  const { t } = useTranslation()
  const { query, save } = usePreferences()
  usePageTitle(t('noticeSettings.title'))
  if (query.isPending) {
    return (
      <AccountCard title={t('noticeSettings.title')}>
        <ItemsLoading count={5} />
      </AccountCard>
    )
  }
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const props = { preferences: query.data, onChange: save.mutate }
  const state = save.isPending ? t('noticeSettings.saving') : save.isSuccess ? t('noticeSettings.saved') : ''
  return (
    <Stack gap={0}>
      {save.error && (
        <div className={classes.failure}>
          <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>
        </div>
      )}
      <AccountCard title={t('noticeSettings.title')} text={t('noticeSettings.text')}>
        <ChannelTable {...props} />
      </AccountCard>
      <AccountCard title={t('noticeSettings.quietTitle')} text={t('noticeSettings.quietText')}>
        <QuietHours {...props} />
      </AccountCard>
      <AccountCard title={t('noticeSettings.mailTitle')}>
        <DigestField {...props} />
      </AccountCard>
      <AccountCard title={t('push.title')}>
        <PushCard {...props} />
      </AccountCard>
      <p role="status" className={classes.state}>
        {state}
      </p>
    </Stack>
  )
}

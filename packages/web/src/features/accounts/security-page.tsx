import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { SessionList } from '../sessions/session-list.tsx'
import { sessionsQuery } from '../sessions/sessions-query.ts'
import { AccountCard } from './account-card.tsx'
import { PasswordForm } from './password-form.tsx'

export function SecurityPage() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  usePageTitle(t('account.security'))
  return (
    <>
      <AccountCard title={t('sessions.title')} text={t('sessions.text')}>
        <SessionList />
      </AccountCard>
      <AccountCard title={t('changePassword.title')} text={t('changePassword.text')}>
        <PasswordForm onChanged={() => void cache.invalidateQueries(sessionsQuery)} />
      </AccountCard>
    </>
  )
}

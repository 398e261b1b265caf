import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { IdentitiesCard } from '../oauth/identities-card.tsx'
import { sessionsQuery } from '../sessions/sessions-query.ts'
import { PasskeysCard } from '../two-factor/passkeys-card.tsx'
import { SecondStepCard } from '../two-factor/second-step-card.tsx'
import { AccountCard } from './account-card.tsx'
import { FirstPasswordForm } from './first-password-form.tsx'
import { PasswordForm } from './password-form.tsx'

/** How one signs in. */
export function SecurityPage() {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  usePageTitle(t('account.security'))
  return (
    <>
      {me.has_password ? (
        <AccountCard title={t('changePassword.title')} text={t('changePassword.text')}>
          <PasswordForm onChanged={() => void cache.invalidateQueries(sessionsQuery)} />
        </AccountCard>
      ) : (
        <AccountCard title={t('setPassword.title')} text={t('setPassword.text')}>
          <FirstPasswordForm />
        </AccountCard>
      )}
      <SecondStepCard />
      <PasskeysCard />
      <IdentitiesCard />
    </>
  )
}

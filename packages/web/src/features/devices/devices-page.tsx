import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { SessionList } from '../sessions/session-list.tsx'
import { TrustedDevicesCard } from './trusted-devices-card.tsx'

export function DevicesPage() {
  const { t } = useTranslation()
  usePageTitle(t('account.devices'))
  return (
    <>
      <AccountCard title={t('sessions.title')} text={t('sessions.text')}>
        <SessionList />
      </AccountCard>
      <TrustedDevicesCard />
    </>
  )
}

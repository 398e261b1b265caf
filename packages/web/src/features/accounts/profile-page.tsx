import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { AccountCard } from './account-card.tsx'
import classes from './account-page.module.css'
import { ProfileForm } from './profile-form.tsx'

export function ProfilePage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('account.profile'))
  return (
    <>
      <AccountCard title={t('account.profile')} text={t('profile.text')}>
        <ProfileForm user={me} />
      </AccountCard>
      <AccountCard title={t('account.title')}>
        <dl className={classes.fixed}>
          <div>
            <dt>{t('profile.username')}</dt>
            <dd>@{me.username}</dd>
          </div>
          <div>
            <dt>{t('profile.email')}</dt>
            <dd>{me.email}</dd>
          </div>
        </dl>
      </AccountCard>
    </>
  )
}

import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { useSession, useUser } from '../../app/session.ts'
import { AccountCard } from './account-card.tsx'
import { AvatarCard } from './avatar-card.tsx'
import { DeletionCard } from './deletion-card.tsx'
import { IdentityCard } from './identity-card.tsx'
import { ProfileForm } from './profile-form.tsx'

export function ProfilePage() {
  const { t } = useTranslation()
  const me = useUser()
  const { impersonatedBy } = useSession()
  usePageTitle(t('account.profile'))
  // Guests may change nothing.
  if (me.kind === 'guest') {
    return (
      <AccountCard title={t('notice.guest')} text={t('notice.guestText')}>
        <Button component={Link} to="/sign-up">
          {t('notice.guestAction')}
        </Button>
      </AccountCard>
    )
  }
  return (
    <>
      <AvatarCard />
      <AccountCard title={t('account.profile')} text={t('profile.text')}>
        <ProfileForm user={me} />
      </AccountCard>
      {me.kind === 'person' && <IdentityCard />}
      {me.kind === 'person' && !impersonatedBy && <DeletionCard />}
    </>
  )
}

import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import { AccountCard } from './account-card.tsx'
import { PictureChooser } from './picture-chooser.tsx'

/** One’s own picture. */
export function AvatarCard() {
  const { t } = useTranslation()
  const me = useUser()
  return (
    <AccountCard title={t('avatar.title')} text={t('avatar.text')}>
      <PictureChooser
        face={<PersonAvatar person={me} size={96} />}
        isThere={Boolean(me.avatar)}
        save={client.account.setAvatar}
        remove={client.account.removeAvatar}
        words={{ saved: t('avatar.saved'), removed: t('avatar.removed') }}
      />
    </AccountCard>
  )
}

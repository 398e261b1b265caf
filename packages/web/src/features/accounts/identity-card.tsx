import { Stack } from '@mantine/core'
import { IconAt, IconMail } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Item, ItemAction, ItemList } from '../../app/item-list.tsx'
import { useSession, useUser } from '../../app/session.ts'
import { AccountCard } from './account-card.tsx'
import { IdentityChangeForm } from './identity-change-form.tsx'
import { PendingEmail } from './pending-email.tsx'

/** The names one signs in with. */
export function IdentityCard() {
  const { t } = useTranslation()
  const me = useUser()
  const { impersonatedBy } = useSession()
  const [changing, setChanging] = useState<'username' | 'email'>()
  const close = () => setChanging(undefined)
  // Acting as somebody else ends where their credentials begin.
  const action = (what: 'username' | 'email', label: string) =>
    impersonatedBy || changing === what ? undefined : (
      <ItemAction label={label} onClick={() => setChanging(what)}>
        {t('identityCard.change')}
      </ItemAction>
    )
  return (
    <AccountCard title={t('identityCard.title')} text={t('identityCard.text')}>
      <Stack gap="lg">
        <ItemList>
          <Item
            icon={IconAt}
            title={me.username}
            details={[t('identityCard.username')]}
            actions={action('username', t('identityCard.changeUsername'))}
          />
          <Item
            icon={IconMail}
            title={me.email ?? ''}
            details={[
              `${t('identityCard.email')} · ${me.email_verified ? t('identityCard.verified') : t('identityCard.unverified')}`,
            ]}
            actions={action('email', t('identityCard.changeEmail'))}
          />
        </ItemList>
        {changing && <IdentityChangeForm key={changing} what={changing} onClose={close} />}
        {me.pending_email && !impersonatedBy && changing !== 'email' && <PendingEmail email={me.pending_email} />}
      </Stack>
    </AccountCard>
  )
}

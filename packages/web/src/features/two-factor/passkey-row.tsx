import type { Passkey } from '@atrium/client'
import { Button, Group, TextInput } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { Item, ItemAction } from '../../app/item-list.tsx'
import { useDates, useNow } from '../../app/use-dates.ts'
import { mfaQuery } from '../accounts/identity-proofs.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import { sessionsQuery } from '../sessions/sessions-query.ts'
import { isRefusal, passkeysQuery } from './two-factor-queries.ts'

export function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const [state, setState] = useState<'shown' | 'renaming' | 'removing'>('shown')
  const { id, name, backed_up, created_at, last_used_at } = passkey
  const params = { path: { passkey_id: id } }
  const show = () => setState('shown')

  const remove = useGuarded({
    run: () => client.api.DELETE('/api/v1/users/me/passkeys/{passkey_id}', { params }),
    renews: [passkeysQuery.queryKey, mfaQuery.queryKey, sessionsQuery.queryKey],
    explain: (error) => {
      if (isRefusal(error, 'last_login_method')) return t('passkeys.lastWay')
      return isRefusal(error, 'state_conflict') ? t('secondStep.keepOne') : undefined
    },
    onDone: () => announce(t('passkeys.removed', { name })),
  })

  if (state === 'renaming') return <RenameForm passkey={passkey} onDone={show} />
  return (
    <>
      <Item
        testId="passkey"
        icon={IconFingerprint}
        title={name}
        badge={backed_up ? { text: t('passkeys.synced') } : undefined}
        details={[
          t('passkeys.created', { date: dates.date(new Date(created_at)) }),
          last_used_at ? t('passkeys.used', { time: dates.ago(new Date(last_used_at), now) }) : t('passkeys.unused'),
        ]}
        actions={
          <>
            <ItemAction label={t('passkeys.renameLabel', { name })} onClick={() => setState('renaming')}>
              {t('passkeys.rename')}
            </ItemAction>
            <ItemAction isDanger label={t('passkeys.removeLabel', { name })} onClick={() => setState('removing')}>
              {t('passkeys.remove')}
            </ItemAction>
          </>
        }
      />
      {state === 'removing' && (
        <ConfirmDialog
          title={t('passkeys.removeTitle', { name })}
          text={t('passkeys.removeText')}
          action={t('passkeys.remove')}
          change={remove}
          onClose={show}
        />
      )}
    </>
  )
}

function RenameForm({ passkey, onDone }: { passkey: Passkey; onDone: () => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState(passkey.name)
  const rename = useGuarded({
    run: (to: string) =>
      client.api.PATCH('/api/v1/users/me/passkeys/{passkey_id}', {
        params: { path: { passkey_id: passkey.id } },
        body: { name: to },
      }),
    renews: [passkeysQuery.queryKey],
    onDone,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim()) rename.start(name.trim())
  }
  return (
    <li>
      <form onSubmit={submit}>
        <Group align="flex-end" py="sm">
          <TextInput
            label={t('passkeys.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            autoFocus
            error={name.trim() ? rename.failure : t('passkeys.nameMissing')}
            style={{ flex: '1 1 14rem' }}
          />
          <Button type="submit" loading={rename.isPending}>
            {t('passkeys.save')}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t('app.cancel')}
          </Button>
        </Group>
      </form>
    </li>
  )
}

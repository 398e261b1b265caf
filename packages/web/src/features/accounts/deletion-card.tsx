import { Button, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import { AccountCard } from './account-card.tsx'
import { FormAlert } from './form-alert.tsx'
import { PasswordField } from './password-field.tsx'
import { useGuarded } from './use-guarded.ts'

const word = 'DELETE'

/** Leaving for good, with two weeks to think again. */
export function DeletionCard() {
  const { t } = useTranslation()
  const me = useUser()
  const [isOpen, setOpen] = useState(false)
  const [password, setPassword] = useState('')
  const [typed, setTyped] = useState('')
  const remove = useGuarded({
    run: () =>
      client.api.DELETE('/api/v1/users/me', {
        body: { confirm: word, ...(me.has_password ? { password } : {}) },
      }),
    // The account says itself that it is leaving, and the frame shows nothing else from then on.
    onDone: () => void client.session.load(),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    remove.start()
  }
  const isReady = typed === word && (!me.has_password || password !== '')
  return (
    <AccountCard title={t('deletion.title')} text={t('deletion.text')}>
      {isOpen ? (
        <form onSubmit={submit}>
          <Stack>
            {me.has_password && (
              <PasswordField
                label={t('deletion.password')}
                autoComplete="current-password"
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
            )}
            <TextInput
              label={t('deletion.confirm', { word })}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            {remove.failure && <FormAlert kind="error">{remove.failure}</FormAlert>}
            <div>
              <Button type="submit" color="red.9" loading={remove.isPending} disabled={!isReady}>
                {t('deletion.action')}
              </Button>
            </div>
          </Stack>
        </form>
      ) : (
        <Button variant="default" onClick={() => setOpen(true)}>
          {t('deletion.begin')}
        </Button>
      )}
    </AccountCard>
  )
}

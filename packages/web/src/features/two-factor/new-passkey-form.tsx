import { Button, Group, Stack, TextInput } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { mfaQuery } from '../accounts/identity-proofs.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import { ownDeviceName } from '../sessions/device-name.ts'
import { sessionsQuery } from '../sessions/sessions-query.ts'
import { loadPasskeys } from '../sign-in/passkey-support.ts'
import { isRefusal, passkeysQuery } from './two-factor-queries.ts'

interface NewPasskeyFormProps {
  /** With recovery codes where this is the first second factor. */
  onAdded: (codes: readonly string[] | undefined) => void
  onCancel: () => void
}

export function NewPasskeyForm({ onAdded, onCancel }: NewPasskeyFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { name: ownDeviceName(t) } })
  const add = useGuarded({
    run: addPasskey,
    renews: [passkeysQuery.queryKey, mfaQuery.queryKey, sessionsQuery.queryKey],
    explain: (error) => explainCreation(error, t),
    onDone: (answer) => {
      client.session.renew(answer)
      announce(t('passkeys.added', { name: answer.name }))
      onAdded(answer.recovery_codes)
    },
  })
  const submit = form.handleSubmit(({ name }) => add.start(name.trim()))
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack maw={420}>
        {add.failure && <FormAlert kind="error">{add.failure}</FormAlert>}
        <TextInput
          label={t('passkeys.name')}
          description={t('passkeys.nameHint')}
          maxLength={80}
          autoFocus
          error={form.formState.errors.name?.message}
          {...form.register('name', { validate: (name) => name.trim() !== '' || t('passkeys.nameMissing') })}
        />
        <Group>
          <Button type="submit" loading={add.isPending}>
            {t('passkeys.continue')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

async function addPasskey(name: string) {
  const { makePasskey } = await loadPasskeys()
  const options = await client.api.POST('/api/v1/users/me/passkeys/options', { body: {} })
  const credential = await makePasskey(options)
  return client.api.POST('/api/v1/users/me/passkeys', { body: { credential, name } })
}

function explainCreation(error: unknown, t: TFunction): string | undefined {
  if (isRefusal(error, 'passkey_invalid')) return t('passkeys.failed')
  if (!(error instanceof Error)) return undefined
  // A person who closes the dialog and a device that cannot look the same to a page.
  if (error.name === 'NotAllowedError' || error.name === 'AbortError') return t('passkeys.cancelled')
  if (error.name === 'InvalidStateError') return t('passkeys.known')
  if (error.name === 'SecurityError' || error.name === 'NotSupportedError') return t('passkeys.unavailable')
  return undefined
}

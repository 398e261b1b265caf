import type { PublicUser } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useIdentityCheck } from '../accounts/identity-check.tsx'

const day = 24 * 3_600_000

interface BanFormProps {
  /** Whom; without: it is asked for. */
  person?: PublicUser
  onDone: () => void
}

/** Shuts a person or a network out, for a time or until it is lifted. */
export function BanForm({ person, onDone }: BanFormProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [kind, setKind] = useState<'user' | 'network'>('user')
  const [whom, setWhom] = useState('')
  const [reason, setReason] = useState('')
  const [days, setDays] = useState('7')
  const add = useMutation({
    mutationFn: async () => {
      const target =
        kind === 'network'
          ? { network: whom.trim() }
          : { user_id: (person ?? (await client.people.get(whom.trim()))).id }
      const until = days === '0' ? null : new Date(Date.now() + Number(days) * day).toISOString()
      const body = { ...target, reason: reason.trim(), until }
      return confirm(() => client.api.POST('/api/v1/admin/bans', { body }))
    },
    onSuccess: (ban) => {
      if (!ban) return
      announce(t('bans.added'))
      onDone()
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['moderation', 'ban'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const isUnknown = add.error instanceof ApiError && add.error.status === 404
  return (
    <form onSubmit={submit}>
      <Stack>
        {!person && (
          <>
            <NativeSelect
              size="md"
              label={t('bans.kind')}
              value={kind}
              onChange={({ currentTarget }) => setKind(currentTarget.value as typeof kind)}
              data={[
                { value: 'user', label: t('bans.person') },
                { value: 'network', label: t('bans.network') },
              ]}
            />
            <TextInput
              label={t(kind === 'user' ? 'bans.username' : 'bans.address')}
              description={kind === 'network' ? t('bans.addressHint') : undefined}
              required
              maxLength={64}
              autoComplete="off"
              value={whom}
              onChange={({ currentTarget }) => setWhom(currentTarget.value)}
              data-autofocus
            />
          </>
        )}
        <TextInput
          label={t('bans.reason')}
          required
          maxLength={500}
          autoComplete="off"
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <NativeSelect
          size="md"
          label={t('bans.until')}
          value={days}
          onChange={({ currentTarget }) => setDays(currentTarget.value)}
          data={[
            { value: '1', label: t('bans.day') },
            { value: '7', label: t('bans.week') },
            { value: '30', label: t('bans.month') },
            { value: '0', label: t('bans.forever') },
          ]}
        />
        {add.error && <FormAlert kind="error">{isUnknown ? t('bans.noPerson') : explainError(add.error, t)}</FormAlert>}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onDone}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" color="red.9" loading={add.isPending}>
            {t('bans.action')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

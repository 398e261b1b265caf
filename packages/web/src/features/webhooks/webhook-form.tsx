import type { NewWebhook } from '@atrium/client'
import { Button, Checkbox, Fieldset, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/Fieldset.css'
import '@mantine/core/styles/InlineInput.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { auditTypes } from '../admin/audit-types.ts'
import { type IssuedSecret, webhooksQuery } from './queries.ts'

export function WebhookForm({ onDone }: { onDone: (issued: IssuedSecret) => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [isAll, setAll] = useState(true)
  const [events, setEvents] = useState<readonly string[]>([])
  const [outcome, setOutcome] = useState('')
  const create = useMutation({
    mutationFn: () => {
      const filter = outcome === '' ? {} : { success: outcome === 'successes' }
      const wanted = (isAll ? ['*'] : [...events]) as NewWebhook['events']
      return confirm(() => client.api.POST('/api/v1/webhooks', { body: { name, url, events: wanted, filter } }))
    },
    onSuccess: (made) => {
      void cache.invalidateQueries(webhooksQuery)
      if (made) onDone(made)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('webhooks.name')}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={t('webhooks.url')}
          description={t('webhooks.urlHint')}
          required
          type="url"
          maxLength={2048}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Fieldset legend={t('webhooks.events')} radius="md">
          <Stack gap="xs">
            <Checkbox
              label={t('webhooks.everything')}
              checked={isAll}
              onChange={(event) => setAll(event.currentTarget.checked)}
            />
            {!isAll &&
              auditTypes.map((type) => (
                <Checkbox
                  key={type}
                  label={type}
                  checked={events.includes(type)}
                  onChange={({ currentTarget: { checked } }) =>
                    setEvents((known) => (checked ? [...known, type] : known.filter((other) => other !== type)))
                  }
                />
              ))}
          </Stack>
        </Fieldset>
        <NativeSelect
          label={t('webhooks.outcome')}
          value={outcome}
          onChange={(event) => setOutcome(event.currentTarget.value)}
          data={[
            { value: '', label: t('webhooks.either') },
            { value: 'successes', label: t('webhooks.successes') },
            { value: 'failures', label: t('webhooks.failures') },
          ]}
        />
        {create.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(create.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending} disabled={!isAll && events.length === 0}>
            {t('webhooks.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

import { ApiError, type IssuedApiKey } from '@atrium/client'
import { Button, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { CheckboxField } from '../accounts/checkbox-field.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { placeFieldErrors } from '../accounts/form-errors.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import classes from './api-keys.module.css'
import { apiKeysQuery } from './api-keys-query.ts'
import { ownScopes, scopeText } from './scopes.ts'

interface NewApiKeyFormProps {
  onMade: (issued: IssuedApiKey) => void
  onCancel: () => void
}

interface Values {
  name: string
  scopes: string[]
  days: string
  allowed_ips: string
}

const empty: Values = { name: '', scopes: [], days: '90', allowed_ips: '' }
const dayMs = 24 * 60 * 60_000

export function NewApiKeyForm({ onMade, onCancel }: NewApiKeyFormProps) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const form = useForm<Values>({ defaultValues: empty })
  const { errors, isSubmitting } = form.formState

  const submit = form.handleSubmit(async ({ name, scopes, days, allowed_ips }) => {
    const body = {
      name: name.trim(),
      scopes,
      expires_at: days === 'never' ? null : new Date(Date.now() + Number(days) * dayMs).toISOString(),
      allowed_ips: allowed_ips.split(/[\s,;]+/).filter((address) => address !== ''),
    }
    try {
      const issued = await confirm(() => client.api.POST('/api/v1/users/me/api-keys', { body }))
      if (!issued) return
      void cache.invalidateQueries(apiKeysQuery)
      onMade(issued)
    } catch (error) {
      const isPlaced = placeFieldErrors(error, form.setError, ['name', 'scopes'])
      const wrongAddress = addressError(error, body.allowed_ips)
      if (wrongAddress) form.setError('allowed_ips', { message: wrongAddress }, { shouldFocus: !isPlaced })
      else if (!isPlaced) form.setError('root', { message: explainError(error, t) })
    }
  })

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="lg">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        <TextInput
          label={t('apiKeys.name')}
          description={t('apiKeys.nameHint')}
          maxLength={80}
          autoFocus
          autoComplete="off"
          error={errors.name?.message}
          {...form.register('name', { validate: (name) => name.trim() !== '' || t('apiKeys.nameMissing') })}
        />
        <fieldset className={classes.group} aria-describedby={errors.scopes ? 'scopes-error' : undefined}>
          <legend>{t('apiKeys.scopes')}</legend>
          <Text c="dimmed" size="sm">
            {t('apiKeys.scopesHint')}
          </Text>
          <div className={classes.scopes}>
            {ownScopes(me.permissions).map((scope) => (
              <CheckboxField
                key={scope}
                label={scopeText(scope, t)}
                value={scope}
                {...form.register('scopes', {
                  validate: (chosen) => chosen.length > 0 || t('apiKeys.scopesMissing'),
                })}
              />
            ))}
          </div>
          {errors.scopes && (
            <p id="scopes-error" className={classes.error} role="alert">
              {errors.scopes.message}
            </p>
          )}
        </fieldset>
        <NativeSelect
          size="md"
          maw={260}
          label={t('apiKeys.expiry')}
          data={expiryChoices(t)}
          {...form.register('days')}
        />
        <Textarea
          label={t('apiKeys.ips')}
          description={t('apiKeys.ipsHint')}
          autosize
          minRows={2}
          maxRows={6}
          spellCheck={false}
          error={errors.allowed_ips?.message}
          {...form.register('allowed_ips')}
        />
        <Group>
          <Button type="submit" loading={isSubmitting}>
            {t('apiKeys.create')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const expiryChoices = (t: TFunction) => [
  ...[7, 30, 90].map((count) => ({ value: String(count), label: t('apiKeys.days', { count }) })),
  { value: '365', label: t('apiKeys.year') },
  { value: 'never', label: t('apiKeys.never') },
]

/** Which of the addresses is none: the server names it by its place in the list. */
function addressError(error: unknown, addresses: readonly string[]): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  for (const [pointer, message] of error.fieldErrors) {
    const index = /^\/allowed_ips\/(\d+)$/.exec(pointer)?.[1]
    if (index !== undefined) return `${addresses[Number(index)] ?? ''}: ${message}`
    if (pointer === '/allowed_ips') return message
  }
  return undefined
}

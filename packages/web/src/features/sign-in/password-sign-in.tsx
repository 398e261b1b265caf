import { ApiError } from '@atrium/client'
import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, lazy, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { withWords } from '../../app/i18n.ts'
import { useSession } from '../../app/session.ts'
import { AuthLayout } from '../accounts/auth-layout.tsx'
import { CheckboxField } from '../accounts/checkbox-field.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { placeFieldErrors } from '../accounts/form-errors.ts'
import { PasswordField } from '../accounts/password-field.tsx'
import { useMeta } from '../accounts/use-meta.ts'
import { OtherWays } from './other-ways.tsx'
import { SignedOutNotice } from './signed-out-notice.tsx'
import type { NeedSecond } from './steps.ts'
import { usePasskeySignIn } from './use-passkey-sign-in.ts'

const fields = ['identifier', 'password'] as const
type Field = (typeof fields)[number]

interface PasswordSignInProps {
  notice: string | undefined
  /** What a sign-in through another site came back with. */
  providerError: string | undefined
  onMail: (email: string, remember: boolean) => void
  onSecond: NeedSecond
}

/** As the browser writes it: nobody has said otherwise yet. */
const timeHere = (at: Date) => at.toLocaleTimeString(navigator.languages, { timeStyle: 'short' })

const ProviderError = lazy(() => withWords('entry', import('./provider-error.tsx')))

const route = getRouteApi('/guest/sign-in')

/** The one form without the form library: it comes with the first page that anybody loads. */
export function PasswordSignIn({ notice, providerError, onMail, onSecond }: PasswordSignInProps) {
  const { t } = useTranslation()
  const { reason } = useSession()
  const search = route.useSearch()
  const meta = useMeta()
  const sendsMail = meta?.features.mail !== false
  const navigate = useNavigate()
  const [isNew, setNew] = useState(true)
  const [isEntering, setEntering] = useState(false)
  const [isSubmitting, setSubmitting] = useState(false)
  const [remember, setRemember] = useState(true)
  /** Passkeys are offered when the page opens, and answer when somebody has chosen: what the box says then counts. */
  const latestRemember = useRef(remember)
  latestRemember.current = remember
  const [errors, setErrors] = useState<Partial<Record<Field | 'root', string | undefined>>>({})
  const inputs = { identifier: useRef<HTMLInputElement>(null), password: useRef<HTMLInputElement>(null) }
  const fail = (message: string | undefined) => {
    setNew(false)
    setErrors((before) => ({ ...before, root: message }))
  }
  const passkey = usePasskeySignIn({ remember: () => latestRemember.current, onSecond, onFailure: fail })

  const explain = (error: unknown) => {
    const text = explainError(error, t, timeHere)
    if (!(error instanceof ApiError)) return text
    if (error.code === 'invalid_credentials') return t('signIn.wrong')
    return error.code === 'account_locked' ? `${text} ${t('errors.lockedMail')}` : text
  }

  const point = (field: Field, { message }: { message: string }, { shouldFocus }: { shouldFocus: boolean }) => {
    setErrors((before) => ({ ...before, [field]: message }))
    if (shouldFocus) inputs[field].current?.focus()
  }

  const signIn = async (identifier: string, password: string) => {
    setSubmitting(true)
    try {
      const result = await client.session.login({ identifier, password, remember })
      if (result.status === 'mfa_required') onSecond(result, remember)
    } catch (error) {
      if (placeFieldErrors(error, point, fields)) return
      setErrors({ root: explain(error) })
      if (!(error instanceof ApiError) || error.code !== 'invalid_credentials') return
      inputs.password.current?.focus()
      inputs.password.current?.select()
    } finally {
      setSubmitting(false)
    }
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isSubmitting) return
    const identifier = inputs.identifier.current?.value ?? ''
    const password = inputs.password.current?.value ?? ''
    setErrors({})
    const missing: [Field, string][] = []
    if (identifier === '') missing.push(['identifier', t('signIn.identifierMissing')])
    if (password === '') missing.push(['password', t('signIn.passwordMissing')])
    for (const [index, [name, message]] of missing.entries()) point(name, { message }, { shouldFocus: index === 0 })
    if (missing.length > 0) return
    setNew(false)
    void signIn(identifier.trim(), password)
  }

  const enter = async () => {
    setEntering(true)
    try {
      await client.session.enterAsGuest({ remember })
      // The door stays open to guests, who may want to come in under a name: the router leads nobody on.
      await navigate({ to: search.to ?? '/messages', search: {} })
    } catch (error) {
      fail(explain(error))
    } finally {
      setEntering(false)
    }
  }

  const mail = () => {
    const identifier = inputs.identifier.current?.value ?? ''
    onMail(identifier.includes('@') ? identifier.trim() : '', remember)
  }

  const field = (name: Field) => ({
    name,
    ref: inputs[name],
    error: errors[name],
    onChange: () => errors[name] !== undefined && setErrors((before) => ({ ...before, [name]: undefined })),
  })

  return (
    <AuthLayout title={t('signIn.title')} text={t('signIn.text')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {errors.root && <FormAlert kind="error">{errors.root}</FormAlert>}
          {isNew && notice && <FormAlert kind="notice">{notice}</FormAlert>}
          {isNew && !notice && providerError && (
            <Suspense fallback={null}>
              <ProviderError code={providerError} />
            </Suspense>
          )}
          {isNew && !notice && !providerError && <SignedOutNotice reason={reason} />}
          {isNew && meta?.setup_required && <FormAlert kind="notice">{t('signIn.setupHint')}</FormAlert>}
          <TextInput
            label={t('signIn.identifier')}
            autoComplete="username webauthn"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            {...field('identifier')}
          />
          <PasswordField label={t('signIn.password')} autoComplete="current-password" {...field('password')} />
          <CheckboxField
            label={t('signIn.remember')}
            name="remember"
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          >
            {sendsMail && (
              <Anchor component={Link} to="/forgot-password" size="sm" fw={600}>
                {t('signIn.forgot')}
              </Anchor>
            )}
          </CheckboxField>
          <Button type="submit" loading={isSubmitting} fullWidth mt="xs">
            {t('signIn.action')}
          </Button>
        </Stack>
      </form>
      <OtherWays
        to={search.to}
        remember={remember}
        onPasskey={passkey.ask}
        isPasskeyBusy={passkey.isBusy}
        onMail={sendsMail ? mail : undefined}
      />
      <Text mt="xl" c="dimmed">
        {t('signIn.newHere')}{' '}
        <Anchor fw={600} renderRoot={(props) => <Link {...props} to="/sign-up" search={{ to: search.to }} />}>
          {t('signIn.createOne')}
        </Anchor>
        {meta?.features.guests && (
          <>
            {' '}
            {t('signIn.guestBefore')}{' '}
            <Anchor component="button" type="button" fw={600} disabled={isEntering} onClick={() => void enter()}>
              {t('signIn.guest')}
            </Anchor>
          </>
        )}
      </Text>
    </AuthLayout>
  )
}

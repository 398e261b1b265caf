import { ApiError } from '@atrium/client'
import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useForm } from 'react-hook-form'
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

interface Values {
  identifier: string
  password: string
  remember: boolean
}

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

export function PasswordSignIn({ notice, providerError, onMail, onSecond }: PasswordSignInProps) {
  const { t } = useTranslation()
  const { reason } = useSession()
  const search = route.useSearch()
  const meta = useMeta()
  const sendsMail = meta?.features.mail !== false
  const navigate = useNavigate()
  const [isNew, setNew] = useState(true)
  const [isEntering, setEntering] = useState(false)
  const form = useForm<Values>({ defaultValues: { identifier: '', password: '', remember: true } })
  const { errors, isSubmitting } = form.formState
  const fail = (message: string | undefined) => {
    setNew(false)
    if (message) form.setError('root', { message })
    else form.clearErrors('root')
  }
  const passkey = usePasskeySignIn({ remember: () => form.getValues('remember'), onSecond, onFailure: fail })

  const explain = (error: unknown) => {
    const text = explainError(error, t, timeHere)
    if (!(error instanceof ApiError)) return text
    if (error.code === 'invalid_credentials') return t('signIn.wrong')
    return error.code === 'account_locked' ? `${text} ${t('errors.lockedMail')}` : text
  }

  const submit = form.handleSubmit(async (values) => {
    setNew(false)
    try {
      const result = await client.session.login({ ...values, identifier: values.identifier.trim() })
      if (result.status === 'mfa_required') onSecond(result, values.remember)
    } catch (error) {
      if (placeFieldErrors(error, form.setError, ['identifier', 'password'])) return
      form.setError('root', { message: explain(error) })
      const isWrong = error instanceof ApiError && error.code === 'invalid_credentials'
      if (isWrong) form.setFocus('password', { shouldSelect: true })
    }
  })

  const enter = async () => {
    setEntering(true)
    try {
      await client.session.enterAsGuest({ remember: form.getValues('remember') })
      // The door stays open to guests, who may want to come in under a name: the router leads nobody on.
      await navigate({ to: search.to ?? '/messages', search: {} })
    } catch (error) {
      fail(explain(error))
    } finally {
      setEntering(false)
    }
  }

  const mail = () => {
    const { identifier, remember } = form.getValues()
    onMail(identifier.includes('@') ? identifier.trim() : '', remember)
  }

  return (
    <AuthLayout title={t('signIn.title')} text={t('signIn.text')}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
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
            error={errors.identifier?.message}
            {...form.register('identifier', { required: t('signIn.identifierMissing') })}
          />
          <PasswordField
            label={t('signIn.password')}
            autoComplete="current-password"
            error={errors.password?.message}
            {...form.register('password', { required: t('signIn.passwordMissing') })}
          />
          <CheckboxField label={t('signIn.remember')} {...form.register('remember')}>
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
        remember={form.watch('remember')}
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

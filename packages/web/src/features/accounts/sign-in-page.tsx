import { ApiError } from '@atrium/client'
import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useSession } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { AuthLayout } from './auth-layout.tsx'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'
import { PasswordField } from './password-field.tsx'
import classes from './sign-in-page.module.css'
import { SignedOutNotice } from './signed-out-notice.tsx'
import { useMeta } from './use-meta.ts'

interface Values {
  identifier: string
  password: string
  remember: boolean
}

const route = getRouteApi('/guest/sign-in')

export function SignInPage() {
  const { t } = useTranslation()
  const dates = useDates()
  const { reason } = useSession()
  const search = route.useSearch()
  const meta = useMeta()
  const form = useForm<Values>({ defaultValues: { identifier: '', password: '', remember: true } })
  const { errors, isSubmitting } = form.formState
  usePageTitle(t('signIn.action'))

  // The router leads on by itself once somebody is signed in.
  const submit = form.handleSubmit(async (values) => {
    try {
      const result = await client.session.login({ ...values, identifier: values.identifier.trim() })
      if (result.status !== 'complete') throw new Error('This page does not know the second step yet')
    } catch (error) {
      if (placeFieldErrors(error, form.setError, ['identifier', 'password'])) return
      const isWrong = error instanceof ApiError && error.code === 'invalid_credentials'
      form.setError('root', { message: isWrong ? t('signIn.wrong') : explainError(error, t, dates.time) })
      if (isWrong) form.setFocus('password', { shouldSelect: true })
    }
  })

  return (
    <AuthLayout title={t('signIn.title')} text={t('signIn.text')}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
          {!errors.root && <SignedOutNotice reason={reason} />}
          {!errors.root && meta?.setup_required && <FormAlert kind="notice">{t('signIn.setupHint')}</FormAlert>}
          <TextInput
            label={t('signIn.identifier')}
            autoComplete="username"
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
          <label className={classes.remember}>
            <input type="checkbox" {...form.register('remember')} />
            {t('signIn.remember')}
          </label>
          <Button type="submit" loading={isSubmitting} fullWidth mt="xs">
            {t('signIn.action')}
          </Button>
        </Stack>
      </form>
      <Text mt="xl" c="dimmed">
        {t('signIn.newHere')}{' '}
        <Anchor fw={600} renderRoot={(props) => <Link {...props} to="/sign-up" search={search} />}>
          {t('signIn.createOne')}
        </Anchor>
      </Text>
    </AuthLayout>
  )
}

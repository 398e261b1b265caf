import { ApiError } from '@atrium/client'
import { Anchor, Text } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AuthLayout } from './auth-layout.tsx'
import { FormAlert } from './form-alert.tsx'
import { NewAccountForm } from './new-account-form.tsx'
import { useMeta } from './use-meta.ts'

const tokenInAddress = () => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''

export function SetupPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const meta = useMeta()
  const [token] = useState(tokenInAddress)
  usePageTitle(t('setup.title'))

  // A secret does not stay in the address bar, where others see it and the history keeps it.
  useEffect(() => {
    if (window.location.hash) void navigate({ to: '/setup', hash: '', replace: true })
  }, [navigate])

  const explain = (error: unknown) => {
    if (!(error instanceof ApiError)) return undefined
    if (error.status === 404) return t('setup.done')
    return error.status === 401 ? t('setup.linkUsed') : undefined
  }
  const isDone = meta?.setup_required === false

  return (
    <AuthLayout title={t('setup.title')} text={t('setup.text')}>
      {isDone && <FormAlert kind="notice">{t('setup.done')}</FormAlert>}
      {!isDone && !token && <FormAlert kind="notice">{t('setup.noToken')}</FormAlert>}
      {!isDone && token && (
        <NewAccountForm
          action={t('setup.action')}
          onSubmit={(values) => client.session.setup({ ...values, token })}
          explain={explain}
        />
      )}
      {isDone && (
        <Text mt="xl">
          <Anchor component={Link} to="/sign-in" fw={600}>
            {t('signUp.signIn')}
          </Anchor>
        </Text>
      )}
    </AuthLayout>
  )
}

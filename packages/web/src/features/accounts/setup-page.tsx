import { ApiError } from '@atrium/client'
import { Anchor, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { useFragment } from '../../app/fragment.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AuthLayout } from './auth-layout.tsx'
import { FormAlert } from './form-alert.tsx'
import { NewAccountForm } from './new-account-form.tsx'
import { forgetMeta, useMeta } from './use-meta.ts'

export function SetupPage() {
  const { t } = useTranslation()
  const meta = useMeta()
  const token = useFragment().get('token')
  usePageTitle(t('setup.title'))

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
          onSubmit={(values) => client.session.setup({ ...values, token }).then(forgetMeta)}
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

import { Anchor, Text } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AuthLayout } from './auth-layout.tsx'
import { NewAccountForm } from './new-account-form.tsx'

const route = getRouteApi('/guest/sign-up')

export function SignUpPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  usePageTitle(t('signUp.title'))
  return (
    <AuthLayout title={t('signUp.title')} text={t('signUp.text')}>
      <NewAccountForm action={t('signUp.action')} onSubmit={(values) => client.session.register(values)} />
      <Text mt="xl" c="dimmed">
        {t('signUp.haveOne')}{' '}
        <Anchor fw={600} renderRoot={(props) => <Link {...props} to="/sign-in" search={search} />}>
          {t('signUp.signIn')}
        </Anchor>
      </Text>
    </AuthLayout>
  )
}

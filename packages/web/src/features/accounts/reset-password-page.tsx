import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFragment } from '../../app/fragment.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AuthLayout } from './auth-layout.tsx'
import { Done } from './done.tsx'
import { FormAlert } from './form-alert.tsx'
import { Links } from './links.tsx'
import { NewPasswordForm } from './new-password-form.tsx'

export function ResetPasswordPage() {
  const { t } = useTranslation()
  const token = useFragment().get('token')
  const [isDone, setDone] = useState(false)
  usePageTitle(t('reset.title'))

  if (isDone) return <Done title={t('reset.doneTitle')} text={t('reset.doneText')} />
  return (
    <AuthLayout title={t('reset.title')} text={t('reset.text')}>
      {token ? (
        <NewPasswordForm proof={{ token }} onDone={() => setDone(true)} />
      ) : (
        <FormAlert kind="notice">{t('entry.noToken')}</FormAlert>
      )}
      <Links>
        <Anchor component={Link} to="/forgot-password">
          {t('link.newOne')}
        </Anchor>
        <Anchor component={Link} to="/sign-in">
          {t('mail.back')}
        </Anchor>
      </Links>
    </AuthLayout>
  )
}

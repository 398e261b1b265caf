import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useSession } from '../../app/session.ts'
import { AuthLayout } from './auth-layout.tsx'

/** The end of a way that began in a mail, and where it goes on. */
export function Done({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation()
  const { user } = useSession()
  return (
    <AuthLayout title={title} text={text}>
      <Button component={Link} to={user ? '/messages' : '/sign-in'} fullWidth>
        {user ? t('entry.continue') : t('signIn.action')}
      </Button>
    </AuthLayout>
  )
}

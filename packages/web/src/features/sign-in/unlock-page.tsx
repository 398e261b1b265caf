import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { LinkPage } from '../accounts/link-page.tsx'

export function UnlockPage() {
  const { t } = useTranslation()
  return <LinkPage words={t('unlock', { returnObjects: true })} use={(token) => client.session.unlock(token)} />
}

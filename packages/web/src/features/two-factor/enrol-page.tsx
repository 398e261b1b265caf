import { Button, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import classes from '../accounts/account-page.module.css'
import { mfaQuery } from '../accounts/identity-proofs.ts'
import { factorIsThere } from './owed-factor.ts'
import { PasskeysCard } from './passkeys-card.tsx'
import { SecondStepCard } from './second-step-card.tsx'

/** The only page there is for somebody who still owes a second factor. */
export default function EnrolPage() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const { data } = useQuery(mfaQuery)
  usePageTitle(t('enrol.title'))
  const isDone = data !== undefined && (data.totp.enabled || data.passkeys > 0)

  const goOn = () => {
    factorIsThere()
    // What was refused before is allowed now.
    void cache.resetQueries()
    client.live.disconnect()
    client.live.connect()
  }
  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('enrol.title')}
      </Title>
      <Text c="dimmed" mt={2}>
        {isDone ? t('enrol.thanks') : t('enrol.text')}
      </Text>
      {isDone && (
        <Button mt="md" onClick={goOn}>
          {t('enrol.done')}
        </Button>
      )}
      <SecondStepCard />
      <PasskeysCard />
    </div>
  )
}

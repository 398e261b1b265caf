import { Button, Text } from '@mantine/core'
import { IconMasksTheater } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { personName } from '../features/people/person.ts'
import { client } from './client.ts'
import { explainError } from './error-words.ts'
import classes from './impersonation-banner.module.css'
import { useSession, useUser } from './session.ts'

/** Nobody acts as somebody else without seeing it on every page. */
export function ImpersonationBanner() {
  const { t } = useTranslation()
  const me = useUser()
  const { impersonatedBy } = useSession()
  const end = useMutation({
    mutationFn: () => client.session.exchange(() => client.api.POST('/api/v1/auth/impersonation/end')),
  })
  if (!impersonatedBy) return null
  const name = personName(me)
  return (
    <aside className={classes.banner} data-testid="impersonation">
      <IconMasksTheater size={20} stroke={1.75} aria-hidden />
      <p>{t('impersonation.text', { name })}</p>
      <Button size="compact-sm" variant="white" color="dark" loading={end.isPending} onClick={() => end.mutate()}>
        {t('impersonation.end', { name })}
      </Button>
      {end.error && (
        <Text size="sm" role="alert">
          {explainError(end.error, t)}
        </Text>
      )}
    </aside>
  )
}

import type { Block } from '@atrium/client'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { useDates } from '../../app/use-dates.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { personName } from './person.ts'
import { EmptyPeople, PersonList, PersonRow } from './person-list.tsx'
import { blocksQuery } from './queries.ts'
import { usePeopleActions } from './use-people-actions.ts'

export function BlockedPage() {
  const { t } = useTranslation()
  const dates = useDates()
  const query = useInfiniteQuery(blocksQuery)
  const actions = usePeopleActions()
  return (
    <>
      {actions.error && <FormAlert kind="error">{explainError(actions.error, t)}</FormAlert>}
      <PersonList
        query={query}
        label={t('blocked.list')}
        empty={<EmptyPeople title={t('blocked.emptyTitle')} text={t('blocked.emptyText')} />}
      >
        {({ user, created_at }: Block) => (
          <PersonRow person={user} detail={t('blocked.since', { date: dates.date(new Date(created_at)) })}>
            <Button
              size="sm"
              variant="default"
              aria-label={t('blocked.unblockLabel', { name: personName(user) })}
              loading={actions.isBusy('unblock', user)}
              onClick={() => actions.start({ action: 'unblock', person: user })}
            >
              {t('blocked.unblock')}
            </Button>
          </PersonRow>
        )}
      </PersonList>
    </>
  )
}

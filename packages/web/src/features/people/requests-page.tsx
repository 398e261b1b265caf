import type { FriendRequest } from '@atrium/client'
import { Button, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './people.module.css'
import { personName } from './person.ts'
import { PersonList, PersonRow } from './person-list.tsx'
import { PersonMenu } from './person-menu.tsx'
import { requestsQuery } from './queries.ts'
import { type PeopleActions, usePeopleActions } from './use-people-actions.ts'

export function RequestsPage() {
  const { t } = useTranslation()
  const actions = usePeopleActions()
  return (
    <>
      {actions.error && <FormAlert kind="error">{explainError(actions.error, t)}</FormAlert>}
      <Part direction="incoming" actions={actions} />
      <Part direction="outgoing" actions={actions} />
    </>
  )
}

function Part({ direction, actions }: { direction: FriendRequest['direction']; actions: PeopleActions }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const query = useInfiniteQuery(requestsQuery(direction))
  const title = t(`friends.${direction}`)
  return (
    <section aria-labelledby={`requests-${direction}`} className={classes.part}>
      <Title order={2} id={`requests-${direction}`}>
        {title}
      </Title>
      <PersonList query={query} label={title} empty={<Text c="dimmed">{t(`friends.${direction}None`)}</Text>}>
        {(request: FriendRequest) => (
          <PersonRow
            person={request.user}
            detail={t('friends.asked', { time: dates.ago(new Date(request.created_at), now) })}
          >
            {direction === 'incoming' ? (
              <>
                <Choice action="accept" request={request} actions={actions} />
                <Choice action="decline" request={request} actions={actions} />
                <PersonMenu person={request.user} />
              </>
            ) : (
              <Choice action="cancel" request={request} actions={actions} />
            )}
          </PersonRow>
        )}
      </PersonList>
    </section>
  )
}

interface ChoiceProps {
  action: 'accept' | 'decline' | 'cancel'
  request: FriendRequest
  actions: PeopleActions
}

function Choice({ action, request: { id, user }, actions }: ChoiceProps) {
  const { t } = useTranslation()
  return (
    <Button
      size="sm"
      variant={action === 'accept' ? 'filled' : 'default'}
      aria-label={t(`friends.${action}Label`, { name: personName(user) })}
      loading={actions.isBusy(action, user)}
      onClick={() => actions.start({ action, person: user, requestId: id })}
    >
      {t(`friends.${action}`)}
    </Button>
  )
}

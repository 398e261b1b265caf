import type { Conversation } from '@atrium/client'
import { Button, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './groups.module.css'
import { memberBansQuery } from './queries.ts'

/** Who may not come back; nothing where nobody is. */
export function MemberBans({ conversation: { id } }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const query = useInfiniteQuery({ ...memberBansQuery(id), staleTime: 0 })
  const lift = useMutation({
    mutationFn: (user: string) =>
      client.api.DELETE('/api/v1/conversations/{id}/bans/{user}', { params: { path: { id, user } } }),
    onSettled: () => cache.invalidateQueries(memberBansQuery(id)),
  })
  const bans = query.data?.pages.flatMap(({ data }) => data) ?? []
  if (bans.length === 0) return null
  return (
    <section className={classes.section} aria-labelledby="info-bans">
      <Title order={3} id="info-bans" fz={16}>
        {t('info.bans')}
      </Title>
      <ul className={classes.members} aria-label={t('info.bans')}>
        {bans.map(({ user }) => (
          <li key={user.id} className={classes.member}>
            <span className={classes.memberLink}>
              <PersonAvatar person={user} size={38} />
              <span className={classes.about}>
                <span className={classes.rowName}>{personName(user)}</span>
                <span className={classes.quiet}>@{user.username}</span>
              </span>
            </span>
            <Button
              variant="default"
              size="compact-sm"
              loading={lift.isPending && lift.variables === user.id}
              aria-label={t('info.liftLabel', { name: personName(user) })}
              onClick={() => lift.mutate(user.id)}
            >
              {t('info.lift')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

import type { PublicUser } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { ActionIcon, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { Failure } from '../../app/failure.tsx'
import { ItemsLoading } from '../../app/item-list.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { PresenceFace } from '../presence/presence-face.tsx'
import { usePresence } from '../presence/use-presence.ts'
import classes from './people.module.css'
import { personName } from './person.ts'
import { ProfileActions } from './profile-actions.tsx'

const route = getRouteApi('/member/people/$name')

export function PersonPage() {
  const { t } = useTranslation()
  const { name } = route.useParams()
  const query = useQuery({ queryKey: ['person', name], queryFn: () => client.people.get(name), staleTime: 30_000 })
  usePageTitle(query.data ? personName(query.data) : t('people.title'))
  return (
    <div className={classes.page}>
      <ActionIcon
        component={Link}
        to="/people"
        variant="subtle"
        color="gray"
        size={40}
        radius="xl"
        className={classes.backToAll ?? ''}
        aria-label={t('profileCard.back')}
      >
        <IconArrowLeft size={22} stroke={1.75} aria-hidden />
      </ActionIcon>
      {query.data ? <Profile person={query.data} /> : <Missing query={query} />}
    </div>
  )
}

function Missing({ query }: { query: { isPending: boolean; error: unknown; refetch: () => unknown } }) {
  const { t } = useTranslation()
  if (query.isPending) return <ItemsLoading count={2} />
  if (query.error instanceof ApiError && query.error.status === 404) {
    return <Failure title={t('profileCard.gone')} text={t('profileCard.goneText')} />
  }
  return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
}

function Profile({ person }: { person: PublicUser }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const presence = usePresence(person.id)
  const isMe = person.id === me.id
  const state = presence && presence.state !== 'offline' ? t(`presence.${presence.state}`) : undefined
  const seen =
    presence?.last_seen_at && !state
      ? t('profileCard.lastSeen', { time: dates.ago(new Date(presence.last_seen_at), now) })
      : undefined
  const how = [state ?? seen, presence?.text].filter(Boolean).join(' · ')
  return (
    <article className={classes.card}>
      <PresenceFace person={person} size={88} />
      <Title order={1} tabIndex={-1} data-page-heading className={classes.cardName ?? ''}>
        {personName(person)}
      </Title>
      <Text c="dimmed">@{person.username}</Text>
      {how && <Text size="sm">{how}</Text>}
      {person.bio && <Text className={classes.cardBio ?? ''}>{person.bio}</Text>}
      <Text size="sm" c="dimmed">
        {t('profileCard.member', { date: dates.date(new Date(person.created_at)) })}
      </Text>
      {isMe ? (
        <Stack align="center" gap="xs" mt="lg">
          <Text c="dimmed">{t('friends.you')}</Text>
          <Button component={Link} to="/account/profile" variant="light">
            {t('friends.editOwn')}
          </Button>
        </Stack>
      ) : (
        <Group justify="center" gap="sm" mt="lg" role="group" aria-label={t('profileCard.actions')}>
          <ProfileActions person={person} />
        </Group>
      )}
    </article>
  )
}

import type { Channel } from '@atrium/client'
import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import { withConversation } from '../messaging/conversation-cache.ts'
import { changeConversations } from '../messaging/queries.ts'
import { RoomFace } from './conversation-face.tsx'
import classes from './groups.module.css'
import { channelsQuery } from './queries.ts'

export function ChannelsPage() {
  const { t } = useTranslation()
  const me = useUser()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 250)
  usePageTitle(t('channels.title'))
  return (
    <div className={classes.page}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={1} tabIndex={-1} data-page-heading>
            {t('channels.title')}
          </Title>
          <Text c="dimmed" mt={2}>
            {t('channels.text')}
          </Text>
        </div>
        {may(me, 'conversations:create') && (
          <Button
            variant="light"
            flex="none"
            leftSection={<IconPlus size={18} stroke={1.75} aria-hidden />}
            onClick={() => void navigate({ to: '/new', search: { kind: 'channel' } })}
          >
            {t('channels.create')}
          </Button>
        )}
      </Group>
      <TextInput
        mt="lg"
        type="search"
        radius="xl"
        aria-label={t('channels.search')}
        placeholder={t('channels.search')}
        leftSection={<IconSearch size={18} stroke={1.75} aria-hidden />}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Found search={search} />
    </div>
  )
}

function Found({ search }: { search: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const cache = useQueryClient()
  const query = useInfiniteQuery(channelsQuery(search))
  const join = useMutation({
    mutationFn: (id: string) => client.api.POST('/api/v1/conversations/{id}/join', { params: { path: { id } } }),
    onSuccess: (conversation) => {
      changeConversations(cache, (pages) => withConversation(pages, conversation))
      void cache.invalidateQueries({ queryKey: ['channels'] })
      return navigate({ to: '/messages/$conversationId', params: { conversationId: conversation.id } })
    },
  })
  if (query.isPending) {
    return (
      <Stack gap="md" mt="xl" role="status" aria-label={t('app.loading')}>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} h={52} radius="lg" />
        ))}
      </Stack>
    )
  }
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const channels = query.data.pages.flatMap(({ data }) => data)
  if (channels.length === 0) {
    return (
      <Stack align="center" gap="xs" ta="center" py={56} role="status">
        <Text fw={650} size="lg">
          {search ? t('channels.none') : t('channels.emptyTitle')}
        </Text>
        {!search && <Text c="dimmed">{t('channels.emptyText')}</Text>}
      </Stack>
    )
  }
  return (
    <>
      {join.error && (
        <Text c="var(--danger-text)" mt="md" role="alert">
          {explainError(join.error, t)}
        </Text>
      )}
      <ul className={classes.list} aria-label={t('channels.list')}>
        {channels.map((channel) => (
          <ChannelRow
            key={channel.id}
            channel={channel}
            isJoining={join.isPending && join.variables === channel.id}
            onJoin={() => join.mutate(channel.id)}
          />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

function ChannelRow({ channel, isJoining, onJoin }: { channel: Channel; isJoining: boolean; onJoin: () => void }) {
  const { t } = useTranslation()
  const title = channel.title ?? ''
  return (
    <li className={classes.row}>
      <RoomFace room={channel} size={46} />
      <div className={classes.about}>
        <p className={classes.rowName}>{title}</p>
        <p className={classes.quiet}>
          {[t('channels.members', { count: channel.member_count }), channel.description].filter(Boolean).join(' · ')}
        </p>
      </div>
      {channel.joined ? (
        <Link
          to="/messages/$conversationId"
          params={{ conversationId: channel.id }}
          className={classes.openLink ?? ''}
          aria-label={t('channels.openLabel', { title })}
        >
          {t('channels.open')}
        </Link>
      ) : (
        <Button size="sm" loading={isJoining} aria-label={t('channels.joinLabel', { title })} onClick={onJoin}>
          {t('channels.join')}
        </Button>
      )}
    </li>
  )
}

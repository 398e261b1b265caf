import type { SharedConversation } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { Button, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { useFragment } from '../../app/fragment.ts'
import { Splash } from '../../app/logo.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { withConversation } from '../messaging/conversation-cache.ts'
import { changeConversations } from '../messaging/queries.ts'
import { RoomFace } from './conversation-face.tsx'
import classes from './groups.module.css'

const isGone = (error: unknown) => error instanceof ApiError && [404, 410, 422].includes(error.status)

/** Where an invitation leads: what it is to, and the button that joins. */
export function JoinPage() {
  const { t } = useTranslation()
  const code = useFragment().get('code') ?? ''
  usePageTitle(t('join.title'))
  const preview = useQuery({
    queryKey: ['invite', code],
    queryFn: () => client.api.GET('/api/v1/invites/{code}', { params: { path: { code } } }),
    enabled: code !== '',
    staleTime: 0,
  })
  if (code === '' || isGone(preview.error)) {
    return (
      <Failure title={t('join.goneTitle')} text={t(code === '' ? 'join.noCode' : 'join.goneText')}>
        <Button component={Link} to="/messages" variant="light" mt="sm">
          {t('join.home')}
        </Button>
      </Failure>
    )
  }
  if (preview.isPending) return <Splash />
  if (!preview.data) {
    return <Failure title={t('errors.page')} error={preview.error} onRetry={() => void preview.refetch()} />
  }
  return <Invitation code={code} room={preview.data.conversation} joined={preview.data.joined} />
}

function Invitation({ code, room, joined }: { code: string; room: SharedConversation; joined: boolean }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const join = useMutation({
    mutationFn: () => client.api.POST('/api/v1/invites/{code}/join', { params: { path: { code } } }),
    onSuccess: (conversation) => {
      changeConversations(cache, (pages) => withConversation(pages, conversation))
      return navigate({ to: '/messages/$conversationId', params: { conversationId: conversation.id } })
    },
  })
  const failure = join.error && (isGone(join.error) ? t('join.goneText') : explainError(join.error, t))
  return (
    <div className={classes.page}>
      <section className={classes.invitation} aria-labelledby="join-title">
        <RoomFace room={room} size={76} />
        <Text c="dimmed" mt="sm">
          {t('join.title')}
        </Text>
        <Title order={1} id="join-title" tabIndex={-1} data-page-heading>
          {room.title}
        </Title>
        <Text c="dimmed">
          {t(room.kind === 'channel' ? 'join.channel' : 'join.group')} ·{' '}
          {t('channels.members', { count: room.member_count })}
        </Text>
        {room.description && <Text className={classes.description ?? ''}>{room.description}</Text>}
        {joined && <Text c="dimmed">{t('join.already')}</Text>}
        {failure && <FormAlert kind="error">{failure}</FormAlert>}
        <Button mt="md" size="md" loading={join.isPending} onClick={() => join.mutate()}>
          {t(joined ? 'join.open' : 'join.action')}
        </Button>
      </section>
    </div>
  )
}

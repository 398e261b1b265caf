import type { Conversation, PublicUser } from '@atrium/client'
import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch, IconUserPlus } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './groups.module.css'
import { administers } from './member-rights.ts'
import { MemberRow } from './member-row.tsx'
import { PeoplePicker } from './people-picker.tsx'
import { memberBansQuery, membersKey, membersQuery } from './queries.ts'

/** From so many on one looks for a name. */
const searchedFrom = 12

interface MemberListProps {
  conversation: Conversation
  name: string
  onClose: () => void
}

export function MemberList({ conversation, name, onClose }: MemberListProps) {
  const { t } = useTranslation()
  const { id } = conversation
  const cache = useQueryClient()
  const [isAdding, setAdding] = useState(false)
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim().replace(/^@/, ''), 250)
  const query = useInfiniteQuery({ ...membersQuery(id, search), staleTime: 0, placeholderData: keepPreviousData })

  useEffect(
    () =>
      client.live.on('conversation.member', ({ data }) => {
        if (data.conversation_id !== id) return
        void cache.invalidateQueries({ queryKey: membersKey(id) })
        void cache.invalidateQueries(memberBansQuery(id))
      }),
    [cache, id],
  )

  const members = query.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <section className={classes.section} aria-labelledby="info-members">
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} id="info-members" fz={16}>
          {t('info.members')}
        </Title>
        {administers(conversation) && !isAdding && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconUserPlus size={17} stroke={1.75} aria-hidden />}
            onClick={() => {
              setText('')
              setAdding(true)
            }}
          >
            {t('info.add')}
          </Button>
        )}
      </Group>
      {isAdding && (
        <AddMembers
          conversation={conversation}
          without={members.map(({ user }) => user.id)}
          onDone={() => setAdding(false)}
        />
      )}
      {conversation.member_count >= searchedFrom && !isAdding && (
        <TextInput
          type="search"
          my="xs"
          aria-label={t('info.searchMembers')}
          placeholder={t('info.searchMembers')}
          leftSection={<IconSearch size={17} stroke={1.75} aria-hidden />}
          maxLength={100}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      )}
      {query.isPending && (
        <Stack gap="sm" mt="sm" role="status" aria-label={t('app.loading')}>
          <Skeleton h={38} />
          <Skeleton h={38} />
        </Stack>
      )}
      {query.error && !query.data && (
        <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
      )}
      <ul className={classes.members} aria-label={t('info.memberList', { name })}>
        {members.map((member) => (
          <MemberRow key={member.user.id} member={member} conversation={conversation} onClose={onClose} />
        ))}
      </ul>
      <Text c="dimmed" role="status">
        {search !== '' && query.data && members.length === 0 && t('info.noMember')}
      </Text>
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
    </section>
  )
}

interface AddMembersProps {
  conversation: Conversation
  without: readonly string[]
  onDone: () => void
}

function AddMembers({ conversation: { id }, without, onDone }: AddMembersProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [chosen, setChosen] = useState<PublicUser[]>([])
  const add = useMutation({
    mutationFn: async () => {
      for (const person of chosen) {
        await client.api.POST('/api/v1/conversations/{id}/members', {
          params: { path: { id } },
          body: { user_id: person.id },
        })
        setChosen((left) => left.filter((each) => each.id !== person.id))
      }
    },
    onSuccess: () => {
      announce(t('info.added'))
      onDone()
    },
    onSettled: () => cache.invalidateQueries({ queryKey: membersKey(id) }),
  })
  return (
    <Stack gap="sm" my="sm">
      <PeoplePicker label={t('info.add')} chosen={chosen} onChange={setChosen} without={without} />
      {add.error && <FormAlert kind="error">{explainError(add.error, t)}</FormAlert>}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" size="sm" onClick={onDone}>
          {t('app.cancel')}
        </Button>
        <Button size="sm" disabled={chosen.length === 0} loading={add.isPending} onClick={() => add.mutate()}>
          {t('info.addAction', { count: chosen.length })}
        </Button>
      </Group>
    </Stack>
  )
}

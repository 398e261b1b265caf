import type { PublicUser } from '@atrium/client'
import { Button, NativeSelect, Stack, Switch, Text, Textarea, TextInput, Title } from '@mantine/core'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Switch.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { withConversation } from '../messaging/conversation-cache.ts'
import { changeConversations } from '../messaging/queries.ts'
import classes from './groups.module.css'
import { PeoplePicker } from './people-picker.tsx'

const route = getRouteApi('/member/new')

export function NewConversationPage() {
  const { kind } = route.useSearch()
  return <NewConversation key={kind} kind={kind} />
}

function NewConversation({ kind }: { kind: 'group' | 'channel' }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const cache = useQueryClient()
  const isChannel = kind === 'channel'
  const [title, setTitle] = useState('')
  const [description, setDescription] = useState('')
  const [people, setPeople] = useState<PublicUser[]>([])
  const [isPublic, setPublic] = useState(isChannel)
  const [posting, setPosting] = useState<'members' | 'admins'>('members')
  const [isMissing, setMissing] = useState(false)
  const words = t(isChannel ? 'newGroup.channelTitle' : 'newGroup.groupTitle')
  usePageTitle(words)

  const create = useMutation({
    mutationFn: () =>
      client.conversations.create({
        kind,
        title: title.trim(),
        member_ids: people.map(({ id }) => id),
        ...(description.trim() ? { description: description.trim() } : {}),
        ...(isChannel ? { public: isPublic, history_open: isPublic, posting } : {}),
      }),
    onSuccess: (conversation) => {
      changeConversations(cache, (pages) => withConversation(pages, conversation))
      return navigate({ to: '/messages/$conversationId', params: { conversationId: conversation.id } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setMissing(title.trim() === '')
    if (title.trim()) create.mutate()
  }
  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {words}
      </Title>
      <Text c="dimmed" mt={2}>
        {t(isChannel ? 'newGroup.channelText' : 'newGroup.groupText')}
      </Text>
      <form className={classes.card} onSubmit={submit} noValidate>
        <Stack gap="lg">
          <TextInput
            label={t('newGroup.name')}
            maxLength={100}
            autoFocus
            autoComplete="off"
            value={title}
            error={isMissing && !title.trim() ? t('newGroup.nameMissing') : undefined}
            onChange={({ currentTarget }) => setTitle(currentTarget.value)}
          />
          <Textarea
            label={t('newGroup.description')}
            description={t('newGroup.descriptionHint')}
            maxLength={1000}
            rows={2}
            value={description}
            onChange={({ currentTarget }) => setDescription(currentTarget.value)}
          />
          <PeoplePicker
            label={t('newGroup.people')}
            hint={t('newGroup.peopleHint')}
            chosen={people}
            onChange={setPeople}
          />
          {isChannel && (
            <>
              <Switch
                size="md"
                label={t('newGroup.public')}
                description={t('newGroup.publicHint')}
                checked={isPublic}
                onChange={({ currentTarget }) => setPublic(currentTarget.checked)}
              />
              <NativeSelect
                size="md"
                maw={320}
                label={t('newGroup.posting')}
                value={posting}
                onChange={({ currentTarget }) => setPosting(currentTarget.value as typeof posting)}
                data={[
                  { value: 'members', label: t('newGroup.postingMembers') },
                  { value: 'admins', label: t('newGroup.postingAdmins') },
                ]}
              />
            </>
          )}
          {create.error && <FormAlert kind="error">{explainError(create.error, t)}</FormAlert>}
          <Button type="submit" loading={create.isPending} className={classes.submit ?? ''}>
            {t(isChannel ? 'newGroup.createChannel' : 'newGroup.createGroup')}
          </Button>
        </Stack>
      </form>
    </div>
  )
}

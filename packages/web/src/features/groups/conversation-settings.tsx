import type { Conversation } from '@atrium/client'
import { Button, NativeSelect, Stack, Switch, Textarea, TextInput, Title } from '@mantine/core'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Switch.css'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './groups.module.css'
import { useConversationChanges } from './use-conversation-changes.ts'

export function ConversationSettings({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const changes = useConversationChanges(conversation)
  const [title, setTitle] = useState(conversation.title ?? '')
  const [description, setDescription] = useState(conversation.description ?? '')
  const [posting, setPosting] = useState(conversation.posting)
  const [historyOpen, setHistoryOpen] = useState(conversation.history_open)
  const [isPublic, setPublic] = useState(conversation.public)
  const isChannel = conversation.kind === 'channel'

  const save = (event: FormEvent) => {
    event.preventDefault()
    if (!title.trim()) return
    const change = {
      title: title.trim(),
      description: description.trim() || null,
      posting,
      history_open: historyOpen,
      ...(isChannel ? { public: isPublic } : {}),
    }
    changes.mutate({ kind: 'change', change }, { onSuccess: () => announce(t('info.saved')) })
  }
  return (
    <section className={classes.section} aria-labelledby="info-settings">
      <Title order={3} id="info-settings" fz={16}>
        {t('info.settings')}
      </Title>
      <form onSubmit={save} noValidate>
        <Stack gap="md" mt="sm">
          <TextInput
            label={t('newGroup.name')}
            maxLength={100}
            value={title}
            error={title.trim() ? undefined : t('newGroup.nameMissing')}
            onChange={({ currentTarget }) => setTitle(currentTarget.value)}
          />
          <Textarea
            label={t('newGroup.description')}
            maxLength={1000}
            rows={2}
            value={description}
            onChange={({ currentTarget }) => setDescription(currentTarget.value)}
          />
          <NativeSelect
            size="md"
            label={t('newGroup.posting')}
            value={posting}
            onChange={({ currentTarget }) => setPosting(currentTarget.value as typeof posting)}
            data={[
              { value: 'members', label: t('newGroup.postingMembers') },
              { value: 'admins', label: t('newGroup.postingAdmins') },
            ]}
          />
          <Switch
            label={t('info.historyOpen')}
            checked={historyOpen}
            onChange={({ currentTarget }) => setHistoryOpen(currentTarget.checked)}
          />
          {isChannel && (
            <Switch
              label={t('newGroup.public')}
              checked={isPublic}
              onChange={({ currentTarget }) => setPublic(currentTarget.checked)}
            />
          )}
          {changes.error && <FormAlert kind="error">{explainError(changes.error, t)}</FormAlert>}
          <Button type="submit" variant="light" loading={changes.isPending} className={classes.submit ?? ''}>
            {t('info.save')}
          </Button>
        </Stack>
      </form>
    </section>
  )
}

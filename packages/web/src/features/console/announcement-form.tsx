import { Button, Checkbox, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'

type Page = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/announcements', object>>>
export type AnnouncementItem = Page extends { data: (infer Item)[] } ? Item : never

const levels = ['info', 'warning', 'critical'] as const

/** As a field for date and time wants it: in the zone of the browser. */
function localText(iso: string | null | undefined): string {
  if (!iso) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const isoOf = (text: string): string | null => (text === '' ? null : new Date(text).toISOString())

export function AnnouncementForm({ known, onDone }: { known: AnnouncementItem | undefined; onDone: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [text, setText] = useState(known?.text ?? '')
  const [level, setLevel] = useState<(typeof levels)[number]>(known?.level ?? 'info')
  const [from, setFrom] = useState(localText(known?.starts_at))
  const [until, setUntil] = useState(localText(known?.ends_at))
  const [dismissible, setDismissible] = useState(known?.dismissible ?? true)
  const save = useMutation({
    mutationFn: () => {
      const starts = isoOf(from)
      const body = { text, level, ends_at: isoOf(until), dismissible, ...(starts ? { starts_at: starts } : {}) }
      if (!known) return confirm(() => client.api.POST('/api/v1/admin/announcements', { body }))
      const params = { path: { id: known.id } }
      return confirm(() => client.api.PATCH('/api/v1/admin/announcements/{id}', { params, body }))
    },
    onSuccess: (saved) => {
      if (!saved) return
      announce(t('announcements.saved'))
      void cache.invalidateQueries({ queryKey: ['admin', 'announcements'] })
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Textarea
          label={t('announcements.what')}
          required
          maxLength={500}
          autosize
          minRows={2}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <NativeSelect
          size="md"
          label={t('announcements.howUrgent')}
          value={level}
          onChange={(event) => setLevel(levels.find((each) => each === event.currentTarget.value) ?? 'info')}
          data={levels.map((value) => ({ value, label: t(`announcements.level.${value}`) }))}
        />
        <TextInput
          type="datetime-local"
          label={t('announcements.from')}
          description={t('announcements.fromHint')}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t('announcements.until')}
          description={t('announcements.untilHint')}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <Checkbox
          label={t('announcements.dismissible')}
          checked={dismissible}
          onChange={(event) => setDismissible(event.currentTarget.checked)}
        />
        {save.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(save.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={text.trim() === ''}>
            {t('announcements.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

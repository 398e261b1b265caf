import type { OwnPresence } from '@atrium/client'
import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useDates } from '../../app/use-dates.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import dialog from '../accounts/identity-dialog.module.css'
import { ownPresenceQuery, useOwnPresence } from './own-presence.ts'
import faces from './presence-face.module.css'
import classes from './status.module.css'

const states = ['online', 'away', 'dnd', 'offline'] as const

const minute = 60_000
const ends = {
  never: () => null,
  minutes30: (now: number) => new Date(now + 30 * minute),
  hour1: (now: number) => new Date(now + 60 * minute),
  hours4: (now: number) => new Date(now + 240 * minute),
  today: (now: number) => new Date(new Date(now).setHours(23, 59, 0, 0)),
  week: (now: number) => new Date(now + 7 * 24 * 60 * minute),
}
type End = keyof typeof ends

export function StatusDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const own = useOwnPresence()
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('status.title')}
      classNames={{ content: dialog.content ?? '', header: dialog.content ?? '', title: dialog.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {own && <StatusForm own={own} onClose={onClose} />}
    </Modal>
  )
}

function StatusForm({ own, onClose }: { own: OwnPresence; onClose: () => void }) {
  const { t } = useTranslation()
  const dates = useDates()
  const cache = useQueryClient()
  const [state, setState] = useState(own.state)
  const [text, setText] = useState(own.text ?? '')
  const [end, setEnd] = useState<End | 'keep'>(own.until ? 'keep' : 'never')
  const save = useMutation({
    mutationFn: () => {
      const until = end === 'keep' ? own.until : (ends[end](Date.now())?.toISOString() ?? null)
      return client.api.PUT('/api/v1/users/me/presence', { body: { state, text: text.trim() || null, until } })
    },
    onSuccess: (answer) => {
      cache.setQueryData(ownPresenceQuery.queryKey, answer)
      announce(t('status.saved'))
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const choices = (Object.keys(ends) as End[]).map((value) => ({ value, label: t(`status.${value}`) }))
  const kept = own.until && {
    value: 'keep',
    label: t('status.keep', { time: dates.short(new Date(own.until), new Date()) }),
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text c="dimmed">{t('status.text')}</Text>
        <fieldset className={classes.states}>
          <legend className={classes.legend}>{t('status.state')}</legend>
          {states.map((value) => (
            <label key={value} className={classes.state}>
              <input
                type="radio"
                name="state"
                value={value}
                checked={state === value}
                onChange={() => setState(value)}
              />
              <span className={faces.dot} data-state={value} style={{ width: 12, height: 12 }} aria-hidden="true" />
              <span className={classes.stateWords}>
                <span className={classes.stateName}>{t(`status.${value}`)}</span>
                <span className={classes.stateText}>{t(`status.${value}Text`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <TextInput
          label={t('status.words')}
          placeholder={t('status.wordsPlaceholder')}
          maxLength={140}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <NativeSelect
          size="md"
          label={t('status.until')}
          value={end}
          onChange={({ currentTarget }) => setEnd(currentTarget.value as typeof end)}
          data={kept ? [kept, ...choices] : choices}
        />
        {save.error && <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('status.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './places.module.css'
import { type PlaceDraft, savePlace } from './queries.ts'

export function PlaceForm({ draft, onClose }: { draft: PlaceDraft; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [given, setGiven] = useState(draft)
  const save = useMutation({
    mutationFn: () => savePlace(given),
    onSuccess: () => {
      announce(t('places.saved', { name: given.name }))
      onClose()
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['places'] }),
  })
  const field = (name: 'name' | 'category' | 'lat' | 'lon') => ({
    label: t(`places.${name}`),
    value: given[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setGiven((before) => ({ ...before, [name]: value }))
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={draft.place ? t('places.edit') : t('places.add')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <form onSubmit={submit}>
        <Stack>
          {save.error && <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>}
          <TextInput {...field('name')} required maxLength={200} data-autofocus />
          <TextInput {...field('category')} description={t('places.categoryHint')} maxLength={64} />
          <NativeSelect
            label={t('places.visibility')}
            value={given.visibility}
            onChange={({ currentTarget: { value } }) =>
              setGiven((before) => ({ ...before, visibility: value === 'public' ? 'public' : 'private' }))
            }
            data={[
              { value: 'private', label: t('places.private') },
              { value: 'public', label: t('places.public') },
            ]}
          />
          <div className={classes.fields}>
            <TextInput {...field('lat')} required inputMode="decimal" />
            <TextInput {...field('lon')} required inputMode="decimal" />
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('app.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('places.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

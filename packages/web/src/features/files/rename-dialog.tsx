import type { StoredFile } from '@atrium/client'
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import identity from '../accounts/identity-dialog.module.css'
import { useGuarded } from '../accounts/use-guarded.ts'
import { filesQuery } from './files-query.ts'

export function RenameDialog({ file, onClose }: { file: StoredFile; onClose: () => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState(file.name)
  const [isMissing, setMissing] = useState(false)
  const rename = useGuarded({
    run: () => client.files.update(file.id, { name: name.trim() }),
    renews: [filesQuery.queryKey],
    onDone: onClose,
  })
  const save = () => (name.trim() === '' ? setMissing(true) : rename.start())
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('library.renameTitle')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack>
          {rename.failure && <FormAlert kind="error">{rename.failure}</FormAlert>}
          <TextInput
            label={t('library.name')}
            value={name}
            maxLength={255}
            autoComplete="off"
            data-autofocus
            error={isMissing && name.trim() === '' ? t('library.nameMissing') : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t('app.cancel')}
            </Button>
            <Button type="submit" loading={rename.isPending}>
              {t('library.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

import type { AdminTable } from '@atrium/client'
import { Button, Group, Modal, Stack } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import identity from '../accounts/identity-dialog.module.css'
import { useGuarded } from '../accounts/use-guarded.ts'
import { renewTables, tableQuery } from './queries.ts'
import { sayPlaces } from './said.ts'

interface ColumnDialogProps {
  title: string
  action: string
  isDanger?: boolean
  isReady: boolean
  change: { isPending: boolean; failure: string | undefined }
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** What all changes of a column share: a form, and what the server said to it. */
export function ColumnDialog(props: ColumnDialogProps) {
  const { title, action, isDanger = false, isReady, change, onSubmit, onClose, children } = props
  const { t } = useTranslation()
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) onSubmit()
        }}
      >
        <Stack>
          {change.failure && <FormAlert kind="error">{change.failure}</FormAlert>}
          {children}
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t('app.cancel')}
            </Button>
            <Button
              type="submit"
              disabled={!isReady}
              loading={change.isPending}
              {...(isDanger ? { color: 'red.9' } : {})}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** `run` answers the table as it is afterwards, where the server says it. */
export function useColumnChange<Input = void>(
  table: AdminTable,
  run: (input: Input) => Promise<AdminTable | undefined>,
  done: { said: string; onClose: () => void },
) {
  const cache = useQueryClient()
  return useGuarded<Input, AdminTable | undefined>({
    run,
    onDone: (changed) => {
      if (changed) cache.setQueryData(tableQuery(table.name).queryKey, changed)
      void renewTables(cache)
      announce(done.said)
      done.onClose()
    },
    explain: sayPlaces,
  })
}

import { Button, Group, Modal, Skeleton, Stack } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMediaQuery } from '@mantine/hooks'
import { IconHistory } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { ConfirmDialog } from '../../../app/confirm-dialog.tsx'
import { explainError } from '../../../app/error-words.ts'
import { FormAlert } from '../../accounts/form-alert.tsx'
import identity from '../../accounts/identity-dialog.module.css'
import { createRow, deleteRow, fetchRow, type HeldRow, isConflict } from '../data-api.ts'
import type { OpenConflict } from '../grid/use-editing.ts'
import { renewRows, showRow } from '../queries.ts'
import { keyPath } from '../row-key.ts'
import { saveChanges } from '../saving.ts'
import type { Row, TableSchema } from '../types.ts'
import { RowFields } from './row-fields.tsx'
import { useRowForm } from './use-row-form.ts'

interface RowDialogProps {
  schema: TableSchema
  /** Of the row that is opened; absent: a new one. */
  path?: string | undefined
  /** The field somebody came for. */
  column?: string | undefined
  onClose: () => void
  /** To what the row was like before. */
  onHistory: (path: string) => void
  onConflict: (conflict: OpenConflict) => void
  onMark: (path: string, mark: 'new' | 'changed') => void
}

/** All of one row, also what the grid does not show. */
export function RowDialog(props: RowDialogProps) {
  const { schema, path, onClose } = props
  const { t } = useTranslation()
  const isPhone = useMediaQuery('(max-width: 48em)')
  // Not from the cache: an ETag belongs to what is seen here and now.
  const row = useQuery({
    queryKey: ['data', 'row', schema.name, path],
    queryFn: () => fetchRow(schema.name, path ?? ''),
    enabled: path !== undefined,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const mayUpdate = schema.actions.includes('update')
  const key = path === undefined ? '' : decodeURIComponent(path)
  const title = path === undefined ? t('data.newRow') : t(mayUpdate ? 'data.editRow' : 'data.showRow', { key })
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={isPhone ?? false}
      title={title}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {path !== undefined && row.isPending && <Skeleton h={240} role="status" aria-label={t('app.loading')} />}
      {row.error && <FormAlert kind="error">{explainError(row.error, t)}</FormAlert>}
      {(path === undefined || row.data) && <RowForm {...props} held={row.data} />}
    </Modal>
  )
}

function RowForm({
  schema,
  path,
  column,
  onClose,
  onHistory,
  onConflict,
  onMark,
  held,
}: RowDialogProps & { held: HeldRow | undefined }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [at, setAt] = useState(held)
  const [isDeleting, setDeleting] = useState(false)
  const [attempt] = useState(() => crypto.randomUUID())
  const form = useRowForm(schema, at)
  const mayWrite = schema.actions.includes(path === undefined ? 'create' : 'update')
  const mayDelete = path !== undefined && schema.actions.includes('delete')
  useEffect(() => setAt(held), [held])

  const save = useMutation({
    mutationFn: async (changes: Row) => {
      if (at && path !== undefined) return saveChanges(schema.name, path, at, at.row, changes)
      return { kind: 'created' as const, row: await createRow(schema.name, changes, attempt) }
    },
    onSuccess: (outcome, changes) => {
      if (outcome.kind === 'created') {
        announce(t('data.created'))
        const created = keyPath(schema.key, outcome.row)
        if (created !== undefined) onMark(created, 'new')
        void renewRows(cache, schema.name)
        return onClose()
      }
      showRow(cache, schema.name, schema.key, outcome.held.row)
      onClose()
      if (outcome.kind === 'conflict') return onConflict({ path: path ?? '', saved: outcome, changes })
      announce(t(outcome.isMerged ? 'data.savedMerged' : 'data.saved'))
      onMark(path ?? '', 'changed')
    },
    onError: (error) => form.take(error),
  })
  const remove = useMutation({
    mutationFn: () => deleteRow(schema.name, path ?? '', at?.etag ?? ''),
    onSuccess: () => {
      announce(t('data.deleted'))
      void renewRows(cache, schema.name)
      onClose()
    },
    onError: async (error) => {
      // Somebody else changed it: it is shown as it is now, and asked about again.
      if (isConflict(error) && path !== undefined) setAt(await fetchRow(schema.name, path))
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const changes = form.changes()
    if (!changes) return showProblem(event.currentTarget)
    if (path !== undefined && Object.keys(changes).length === 0) return onClose()
    save.mutate(changes)
  }
  const isOther = save.error && Object.keys(form.problems).length === 0
  return (
    <form noValidate onSubmit={submit}>
      <Stack>
        {isOther && <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>}
        <RowFields schema={schema} form={form} held={at} mayWrite={mayWrite} column={column} />
        <Group justify="space-between" mt="xs">
          <Group gap="xs">
            {path !== undefined && schema.revisions && (
              <Button
                variant="subtle"
                leftSection={<IconHistory size={16} stroke={1.75} aria-hidden />}
                onClick={() => onHistory(path)}
              >
                {t('data.history.open')}
              </Button>
            )}
            {mayDelete && (
              <Button variant="subtle" color="red" onClick={() => setDeleting(true)}>
                {t('data.delete')}
              </Button>
            )}
          </Group>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              {t(mayWrite ? 'app.cancel' : 'app.close')}
            </Button>
            {mayWrite && (
              <Button type="submit" loading={save.isPending}>
                {t(path === undefined ? 'data.add' : 'data.save')}
              </Button>
            )}
          </Group>
        </Group>
      </Stack>
      {isDeleting && (
        <ConfirmDialog
          title={t('data.deleteTitle')}
          text={t(schema.soft_delete ? 'data.deleteKept' : 'data.deleteText', { key: decodeURIComponent(path ?? '') })}
          isMild={schema.soft_delete}
          action={t('data.delete')}
          change={{
            start: () => remove.mutate(),
            isPending: remove.isPending,
            failure: remove.error
              ? isConflict(remove.error)
                ? t('data.deleteChanged')
                : explainError(remove.error, t)
              : undefined,
            forget: remove.reset,
          }}
          onClose={() => setDeleting(false)}
        />
      )}
    </form>
  )
}

/** Goes to the first field that does not fit, once it is marked as such. */
function showProblem(form: HTMLElement): void {
  setTimeout(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}

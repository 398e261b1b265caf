import { ApiError } from '@atrium/client'
import { ActionIcon, Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { Chips } from '../../app/chips.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import identity from '../accounts/identity-dialog.module.css'
import { useGuarded } from '../accounts/use-guarded.ts'
import { type ColumnDraft, chosenType, columnName, columnTypes, toNewColumn, withType } from './column-types.ts'
import { NewFromFile } from './new-from-file.tsx'
import { createTable, renewTables } from './queries.ts'
import classes from './tables.module.css'

type ListedColumn = ColumnDraft & { id: number }

interface NewTableDialogProps {
  /** What a column can point to. */
  tables: readonly string[]
  onClose: () => void
  onMade: (table: string) => void
}

/** A table from nothing: what it is called, and its columns. The server adds a key that counts by itself. */
export function NewTableDialog(props: NewTableDialogProps) {
  const { t } = useTranslation()
  const [from, setFrom] = useState<'file' | 'columns'>('file')
  return (
    <Modal
      opened
      onClose={props.onClose}
      size="xl"
      title={t('tables.newTitle')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Stack>
        <Chips
          label={t('tables.from.label')}
          value={from}
          onChange={setFrom}
          choices={[
            { value: 'file', label: t('tables.from.file') },
            { value: 'columns', label: t('tables.from.columns') },
          ]}
        />
        {from === 'file' ? <NewFromFile {...props} /> : <NewFromColumns {...props} />}
      </Stack>
    </Modal>
  )
}

function NewFromColumns({ tables, onClose, onMade }: NewTableDialogProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const next = useRef(1)
  const [name, setName] = useState('')
  const [columns, setColumns] = useState<readonly ListedColumn[]>([emptyColumn(0)])
  const make = useGuarded({
    run: () =>
      createTable({
        name: name.trim(),
        columns: columns.map(toNewColumn),
      }),
    onDone: (table) => {
      announce(t('tables.made', { name: table.name }))
      void renewTables(cache)
      onMade(table.name)
    },
    explain: (error) =>
      error instanceof ApiError && error.fieldErrors.size > 0 ? [...error.fieldErrors.values()].join(' ') : undefined,
  })
  const change = (id: number, part: Partial<ColumnDraft>) =>
    setColumns(columns.map((column) => (column.id === id ? { ...column, ...part } : column)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.start()
  }
  const isNamed = name.trim() !== '' && columns.every((column) => column.name.trim() !== '')
  return (
    <form onSubmit={submit}>
      <Stack>
        {make.failure && <FormAlert kind="error">{make.failure}</FormAlert>}
        <TextInput
          label={t('tables.name')}
          description={t('tables.nameHint')}
          {...columnName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Text size="sm" c="dimmed">
          {t('tables.keyHint')}
        </Text>
        <ul className={classes.columns} aria-label={t('tables.columns')}>
          {columns.map((column) => (
            <li key={column.id} className={classes.column}>
              <TextInput
                size="sm"
                aria-label={t('tables.columnName')}
                placeholder={t('tables.columnName')}
                {...columnName}
                title={t('tables.nameHint')}
                value={column.name}
                onChange={(event) => change(column.id, { name: event.currentTarget.value })}
              />
              <NativeSelect
                size="sm"
                aria-label={t('tables.columnType')}
                value={chosenType(column)}
                onChange={({ currentTarget: { value } }) => change(column.id, withType(value))}
                data={[
                  ...columnTypes.map((type) => ({ value: type, label: t(`tables.types.${type}`) })),
                  ...tables.map((table) => ({ value: `>${table}`, label: t('tables.rowOf', { table }) })),
                ]}
              />
              <Group gap="md" wrap="nowrap">
                <Checkbox
                  label={t('tables.needed')}
                  checked={column.isNeeded}
                  onChange={(event) => change(column.id, { isNeeded: event.currentTarget.checked })}
                />
                <Checkbox
                  label={t('tables.unique')}
                  checked={column.isUnique}
                  onChange={(event) => change(column.id, { isUnique: event.currentTarget.checked })}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  disabled={columns.length === 1}
                  aria-label={t('tables.removeColumn', { name: column.name })}
                  onClick={() => setColumns(columns.filter(({ id }) => id !== column.id))}
                >
                  <IconX size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </li>
          ))}
        </ul>
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.add ?? ''}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setColumns([...columns, emptyColumn(next.current++)])}
        >
          {t('tables.addColumn')}
        </Button>
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" disabled={!isNamed} loading={make.isPending}>
            {t('tables.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const emptyColumn = (id: number): ListedColumn => ({
  id,
  name: '',
  type: 'text',
  isNeeded: false,
  isUnique: false,
  references: '',
})

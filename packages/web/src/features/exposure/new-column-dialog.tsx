import type { AdminTable } from '@atrium/client'
import { Checkbox, Group, NativeSelect, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Draft } from '../tables/values/draft.ts'
import { ColumnDialog, useColumnChange } from './column-dialog.tsx'
import { type ColumnDraft, chosenType, columnName, columnTypes, toNewColumn, withType } from './column-types.ts'
import { DefaultField, useDefault } from './default-field.tsx'
import { addColumn, allTablesQuery } from './queries.ts'

/** One more column, which the rows that are there get too. */
export function NewColumnDialog({ table, onClose }: { table: AdminTable; onClose: () => void }) {
  const { t } = useTranslation()
  const others = useQuery(allTablesQuery)
  const [column, setColumn] = useState<ColumnDraft>({
    ...{ name: '', type: 'text', isNeeded: false, isUnique: false, references: '' },
  })
  const [draft, setDraft] = useState<Draft>(null)
  const given = useDefault(column.type)
  const change = useColumnChange(
    table,
    (value: unknown) =>
      addColumn(table.name, { ...toNewColumn(column), ...(value === null ? {} : { default: value }) }),
    { said: t('tables.column.added', { name: column.name.trim() }), onClose },
  )
  const set = (part: Partial<ColumnDraft>) => setColumn({ ...column, ...part })
  const mayHaveDefault = !column.references && column.type !== 'binary'
  const submit = () => {
    const value = mayHaveDefault ? given.parse(draft) : null
    if (value !== undefined) change.start(value)
  }
  return (
    <ColumnDialog
      title={t('tables.addColumn')}
      action={t('tables.addColumn')}
      isReady={column.name.trim() !== ''}
      change={change}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('tables.name')}
        description={t('tables.nameHint')}
        {...columnName}
        value={column.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        data-autofocus
      />
      <NativeSelect
        label={t('tables.columnType')}
        value={chosenType(column)}
        onChange={(event) => {
          set(withType(event.currentTarget.value))
          setDraft(null)
        }}
        data={[
          ...columnTypes.map((type) => ({ value: type, label: t(`tables.types.${type}`) })),
          ...(others.data ?? [])
            .filter(({ kind, key }) => kind === 'table' && key.length === 1)
            .map(({ name }) => ({ value: `>${name}`, label: t('tables.rowOf', { table: name }) })),
        ]}
      />
      {mayHaveDefault && (
        <DefaultField
          type={column.type}
          label={t('tables.column.default')}
          hint={t(column.isNeeded ? 'tables.column.defaultNeeded' : 'tables.column.defaultHint')}
          draft={draft}
          onChange={setDraft}
          error={given.problem}
        />
      )}
      <Group gap="lg">
        <Checkbox
          label={t('tables.needed')}
          checked={column.isNeeded}
          onChange={(event) => set({ isNeeded: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('tables.unique')}
          checked={column.isUnique}
          onChange={(event) => set({ isUnique: event.currentTarget.checked })}
        />
      </Group>
    </ColumnDialog>
  )
}

import type { AdminTable, TableColumn } from '@atrium/client'
import { Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ColumnDialog, useColumnChange } from './column-dialog.tsx'
import { dropColumn, filledQuery } from './queries.ts'

interface DropColumnDialogProps {
  table: AdminTable
  column: TableColumn
  onClose: () => void
}

/** Nobody takes a column away by a slip: its name has to be typed, beside what goes with it. */
export function DropColumnDialog({ table, column: { name }, onClose }: DropColumnDialogProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const filled = useQuery(filledQuery(table, name))
  const change = useColumnChange(
    table,
    async () => {
      await dropColumn(table.name, name)
      return { ...table, columns: table.columns.filter((column) => column.name !== name) }
    },
    { said: t('tables.column.dropped', { name }), onClose },
  )
  const lost =
    filled.data === undefined
      ? t('tables.column.lostUnknown')
      : filled.data.filled === 0
        ? t('tables.column.lostNothing')
        : t('tables.column.lost', {
            count: filled.data.filled,
            shown: filled.data.filled.toLocaleString(),
            all: filled.data.all.toLocaleString(),
          })
  return (
    <ColumnDialog
      title={t('tables.column.dropTitle', { name })}
      action={t('tables.column.dropIt')}
      isDanger
      isReady={typed.trim() === name}
      change={change}
      onSubmit={() => change.start()}
      onClose={onClose}
    >
      <Text role="status">{filled.isLoading ? t('tables.column.counting') : lost}</Text>
      <Text c="dimmed">{t('tables.column.dropText')}</Text>
      <TextInput
        label={t('tables.column.typeName', { name })}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
    </ColumnDialog>
  )
}

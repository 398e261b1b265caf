import type { AdminTable, TableColumn } from '@atrium/client'
import { Checkbox, NativeSelect, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Draft } from '../tables/values/draft.ts'
import { ColumnDialog, useColumnChange } from './column-dialog.tsx'
import { columnName } from './column-types.ts'
import { DefaultField, useDefault } from './default-field.tsx'
import { type ColumnPatch, changeColumn } from './queries.ts'
import { TypeChange, useTypeChange } from './type-change.tsx'

interface ChangeColumnDialogProps {
  table: AdminTable
  column: TableColumn
  onClose: () => void
}

type DefaultChoice = 'keep' | 'none' | 'value'

/** Another name, needed or not, another default; another type only after a look at the rows. */
export function ChangeColumnDialog({ table, column, onClose }: ChangeColumnDialogProps) {
  const { t } = useTranslation()
  const [name, setName] = useState(column.name)
  const [isNeeded, setNeeded] = useState(!column.nullable)
  const [choice, setChoice] = useState<DefaultChoice>('keep')
  const [draft, setDraft] = useState<Draft>(null)
  const type = useTypeChange(table, column)
  const given = useDefault(type.chosen.type || column.type)
  const isKey = table.key.includes(column.name)
  const change = useColumnChange(table, (patch: ColumnPatch) => changeColumn(table.name, column.name, patch), {
    said: t('tables.column.changed', { name: name.trim() }),
    onClose,
  })
  const isChanged = name.trim() !== column.name || isNeeded === column.nullable || choice !== 'keep' || type.isChosen
  const mustLook = type.isChosen && !type.isSettled
  const submit = () => {
    const value = choice === 'value' ? given.parse(draft) : null
    if (value === undefined) return
    const patch = {
      ...(name.trim() === column.name ? {} : { name: name.trim() }),
      ...(isNeeded === column.nullable ? { nullable: !isNeeded } : {}),
      ...(choice === 'keep' ? {} : { default: value }),
      ...type.patch,
    }
    if (mustLook) type.look.start(patch)
    else change.start(patch)
  }
  const mayHaveDefault = !isKey && !column.generated && !['binary', 'other'].includes(column.type)
  const choices: { value: DefaultChoice; label: string }[] = [
    {
      value: 'keep',
      label: column.default
        ? t('tables.column.defaultKeep', { value: column.default })
        : t('tables.column.defaultNone'),
    },
    ...(column.default ? [{ value: 'none' as const, label: t('tables.column.defaultTake') }] : []),
    { value: 'value', label: t('tables.column.defaultOther') },
  ]
  return (
    <ColumnDialog
      title={t('tables.column.change', { name: column.name })}
      action={t(mustLook ? 'tables.type.look' : 'tables.column.save')}
      isReady={isChanged && name.trim() !== '' && !(mustLook && type.unfit !== undefined)}
      isDanger={type.isChosen && (type.unfit?.count ?? 0) > 0}
      change={{ isPending: change.isPending || type.look.isPending, failure: change.failure }}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('tables.name')}
        description={t('tables.column.renameHint')}
        {...columnName}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      {isKey ? (
        <Text size="sm" c="dimmed">
          {t('tables.column.isKey')}
        </Text>
      ) : (
        <Checkbox
          label={t('tables.needed')}
          description={t('tables.column.neededHint')}
          checked={isNeeded}
          onChange={(event) => {
            setNeeded(event.currentTarget.checked)
            type.forget()
          }}
        />
      )}
      {mayHaveDefault && (
        <NativeSelect
          label={t('tables.column.default')}
          value={choice}
          onChange={(event) => {
            setChoice(event.currentTarget.value as DefaultChoice)
            type.forget()
          }}
          data={choices}
        />
      )}
      {choice === 'value' && (
        <DefaultField
          type={type.chosen.type || column.type}
          label={t('tables.column.defaultValue')}
          hint={t('tables.column.defaultNew')}
          draft={draft}
          onChange={(value) => {
            setDraft(value)
            type.forget()
          }}
          error={given.problem}
        />
      )}
      {!isKey && !column.generated && column.type !== 'other' && (
        <TypeChange column={column} change={type} mayBeEmpty={!isNeeded} />
      )}
    </ColumnDialog>
  )
}

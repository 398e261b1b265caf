import type { AdminTable, TableColumn } from '@atrium/client'
import { Checkbox, Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import { type ColumnType, columnTypes } from './column-types.ts'
import { type ColumnPatch, tryColumn } from './queries.ts'
import { sayPlaces } from './said.ts'

const numbers = ['integer', 'decimal', 'number']
const sources: Partial<Record<ColumnType, readonly string[]>> = {
  integer: [...numbers, 'boolean'],
  decimal: [...numbers, 'boolean'],
  number: [...numbers, 'boolean'],
  boolean: numbers,
  date: ['datetime'],
  datetime: ['date'],
}

/** What a column of this type can become: its own type too, as text and decimal numbers have a size. */
const typesFor = (from: string): ColumnType[] =>
  columnTypes.filter((to) => to === from || to === 'text' || from === 'text' || (sources[to]?.includes(from) ?? false))

interface Chosen {
  /** Empty: the type stays. */
  type: ColumnType | ''
  length: string
  precision: string
  scale: string
  /** What does not fit becomes null. */
  mayLose: boolean
}

const size = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : undefined)

/** Another type for a column, and what the rows that are there have to say to it before anything is done. */
export function useTypeChange(table: AdminTable, column: TableColumn) {
  const [chosen, setChosen] = useState<Chosen>({ type: '', length: '', precision: '18', scale: '4', mayLose: false })
  const look = useGuarded<ColumnPatch, AdminTable>({
    run: (patch) => tryColumn(table.name, column.name, patch),
    onDone: (answer) => setUnfit(answer.unfit),
    explain: sayPlaces,
  })
  const [unfit, setUnfit] = useState<AdminTable['unfit']>()
  const forget = () => {
    setUnfit(undefined)
    look.forget()
  }
  const { type, length, precision, scale, mayLose } = chosen
  const sizes =
    type === 'text'
      ? { length: size(length) }
      : type === 'decimal'
        ? { precision: size(precision), scale: size(scale) }
        : {}
  const given = Object.fromEntries(Object.entries(sizes).filter(([, value]) => value !== undefined))
  const patch: ColumnPatch = type === '' ? {} : { type, ...given, ...(mayLose ? { unfit: 'null' as const } : {}) }
  return {
    ...{ chosen, patch, unfit, look },
    isChosen: type !== '',
    /** The rows were looked at, and either all fit or what does not may go. */
    isSettled: unfit !== undefined && (unfit.count === 0 || mayLose),
    /** What is said anew is looked at anew. */
    choose: (part: Partial<Omit<Chosen, 'mayLose'>>) => {
      setChosen({ ...chosen, mayLose: false, ...part })
      forget()
    },
    lose: (may: boolean) => setChosen({ ...chosen, mayLose: may }),
    forget,
  }
}

interface TypeChangeProps {
  column: TableColumn
  change: ReturnType<typeof useTypeChange>
  /** Rows may be without a value here. */
  mayBeEmpty: boolean
}

export function TypeChange({ column, change, mayBeEmpty }: TypeChangeProps) {
  const { t } = useTranslation()
  const { chosen, choose } = change
  const types = typesFor(column.type)
  return (
    <>
      <NativeSelect
        label={t('tables.columnType')}
        value={chosen.type}
        onChange={(event) => choose({ type: event.currentTarget.value as ColumnType | '' })}
        data={[
          { value: '', label: t('tables.type.stays', { type: column.native_type ?? column.type }) },
          ...types.map((type) => ({ value: type, label: t(`tables.types.${type}`) })),
        ]}
      />
      {chosen.type === 'text' && (
        <TextInput
          label={t('tables.type.length')}
          description={t('tables.type.lengthHint')}
          inputMode="numeric"
          pattern="\d{1,5}"
          value={chosen.length}
          onChange={(event) => choose({ length: event.currentTarget.value })}
        />
      )}
      {chosen.type === 'decimal' && (
        <Group grow>
          {(['precision', 'scale'] as const).map((part) => (
            <TextInput
              key={part}
              label={t(`tables.type.${part}`)}
              inputMode="numeric"
              pattern="\d{1,2}"
              required
              value={chosen[part]}
              onChange={(event) => choose({ [part]: event.currentTarget.value })}
            />
          ))}
        </Group>
      )}
      {change.isChosen && <Said change={change} mayBeEmpty={mayBeEmpty} />}
    </>
  )
}

/** What looking at the rows has shown. */
function Said({ change: { unfit, look, chosen, lose }, mayBeEmpty }: Omit<TypeChangeProps, 'column'>) {
  const { t } = useTranslation()
  if (look.failure) return <FormAlert kind="error">{look.failure}</FormAlert>
  if (!unfit) {
    return (
      <Text size="sm" c="dimmed">
        {t('tables.type.lookFirst')}
      </Text>
    )
  }
  if (unfit.count === 0) return <FormAlert kind="notice">{t('tables.type.allFit')}</FormAlert>
  const rows = unfit.keys.map(decodeURIComponent).join(', ')
  return (
    <>
      <FormAlert kind="error">
        {t('tables.type.unfit', { count: unfit.count, shown: unfit.count.toLocaleString(), rows })}
      </FormAlert>
      {mayBeEmpty ? (
        <Checkbox
          label={t('tables.type.lose')}
          description={t('tables.type.loseHint')}
          checked={chosen.mayLose}
          onChange={(event) => lose(event.currentTarget.checked)}
        />
      ) : (
        <Text size="sm">{t('tables.type.mayNotLose')}</Text>
      )}
    </>
  )
}

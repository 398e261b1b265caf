import { ActionIcon, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { IconCircleOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { RelationPicker } from '../relation-picker.tsx'
import type { Column, Relation } from '../types.ts'
import { BinaryField } from './binary-field.tsx'
import type { Draft } from './draft.ts'

interface ValueFieldProps {
  column: Column
  relation?: Relation | undefined
  draft: Draft
  onChange: (draft: Draft) => void
  /** Shown above it; in a cell of the grid it is only heard. */
  label: string
  isBare?: boolean
  error?: string | undefined
  isDisabled?: boolean
  hint?: string | undefined
}

const inputTypes: Record<string, string> = { date: 'date', datetime: 'datetime-local' }
const inputModes: Record<string, 'numeric' | 'decimal'> = { integer: 'numeric', decimal: 'decimal', number: 'decimal' }

/** Whether a cell of the grid is enough to edit it. */
export const isEditedInCell = ({ type }: Column, value: unknown): boolean =>
  type !== 'json' && type !== 'binary' && type !== 'other' && !(typeof value === 'string' && /[\r\n]/.test(value))

/** A field for one value, as its column wants it. */
export function ValueField(props: ValueFieldProps) {
  const { column, relation, draft, onChange, label, isBare = false, error, isDisabled = false, hint } = props
  const { t } = useTranslation()
  const named = isBare
    ? { 'aria-label': label, 'aria-invalid': error !== undefined, variant: 'unstyled' as const, size: 'sm' }
    : { label, error, size: 'sm', ...(hint ? { description: hint } : {}) }
  const common = { ...named, disabled: isDisabled, 'data-autofocus': isBare || undefined }
  const canBeNothing = column.nullable || column.has_default
  if (relation && !isDisabled) {
    return (
      <RelationPicker
        {...{ relation, label, isBare, error }}
        value={draft}
        canBeNothing={canBeNothing}
        onChange={onChange}
      />
    )
  }
  if (column.type === 'boolean' || column.values) {
    const values = column.values ?? ['true', 'false']
    const said = (value: string) => (column.values ? value : t(value === 'true' ? 'data.yes' : 'data.no'))
    return (
      <NativeSelect
        {...common}
        value={draft ?? ''}
        onChange={({ currentTarget: { value } }) => onChange(value === '' ? null : value)}
        data={[
          ...(canBeNothing || draft === null ? [{ value: '', label: t('data.noValue') }] : []),
          ...values.map((value) => ({ value, label: said(value) })),
        ]}
      />
    )
  }
  if (column.type === 'binary') return <BinaryField {...{ label, draft, onChange, error, isDisabled }} />
  const isText = column.type === 'text'
  const takeAway =
    isText && column.nullable && draft !== null && !isDisabled
      ? {
          rightSection: (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={t('data.makeNothing', { name: column.name })}
              title={t('data.noValue')}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChange(null)}
            >
              <IconCircleOff size={16} stroke={1.75} aria-hidden />
            </ActionIcon>
          ),
        }
      : {}
  const typed = {
    ...common,
    ...takeAway,
    value: draft ?? '',
    ...(draft === null && isText ? { placeholder: t('data.noValue') } : {}),
    autoComplete: 'off',
    spellCheck: isText,
  }
  if (!isBare && (column.type === 'json' || (isText && (column.max_length ?? 1000) > 200))) {
    return (
      <Textarea
        {...typed}
        rows={column.type === 'json' ? 5 : Math.min(8, Math.max(2, (draft ?? '').split('\n').length))}
        resize="vertical"
        styles={column.type === 'json' ? { input: { fontFamily: 'var(--mantine-font-family-monospace)' } } : {}}
        onChange={({ currentTarget: { value } }) => onChange(value)}
      />
    )
  }
  return (
    <TextInput
      {...typed}
      type={inputTypes[column.type] ?? 'text'}
      {...(column.type === 'datetime' ? { step: '0.001' } : {})}
      {...(inputModes[column.type] ? { inputMode: inputModes[column.type] } : {})}
      onChange={({ currentTarget: { value } }) => onChange(value)}
    />
  )
}

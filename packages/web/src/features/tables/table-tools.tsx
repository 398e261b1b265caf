import { Button, Checkbox, CloseButton, Popover, Stack, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconColumns3, IconFilter, IconPlus, IconRefresh, IconSearch, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import type { GridColumn } from './columns.ts'
import classes from './data.module.css'
import { countTests, fromFilter } from './filters/filter-model.ts'
import { renewRows } from './queries.ts'
import { TransferMenu } from './transfer/transfer-menu.tsx'
import type { TableSchema } from './types.ts'
import type { DataSearch } from './view-address.ts'

interface TableToolsProps {
  schema: TableSchema
  search: DataSearch
  onChange: (next: Partial<Record<keyof DataSearch, unknown>>) => void
  columns: readonly GridColumn[]
  isFiltering: boolean
  onFiltering: (on: boolean) => void
  onNew: () => void
  onDeleted: () => void
  onRenewed: () => void
  isRenewing: boolean
}

/** What stands above the rows: looking for some of them, and what can be done with all. */
export function TableTools(props: TableToolsProps) {
  const { schema, search, onChange, columns, isFiltering, onFiltering, onNew, onDeleted, onRenewed, isRenewing } = props
  const { t } = useTranslation()
  const cache = useQueryClient()
  const me = useUser()
  const [typed, setTyped] = useState(search.q ?? '')
  const look = useDebouncedCallback((text: string) => onChange({ q: text.trim() }), 300)
  const type = (text: string) => {
    setTyped(text)
    look(text)
  }
  const names = schema.relations.map(({ name }) => name)
  const group = search.filter && fromFilter(search.filter, names)
  const tests = search.filter ? (group ? countTests(group) : 1) : 0
  const hasText = schema.columns.some((column) => column.type === 'text')
  const sized = { size: 'sm' as const, variant: 'default' as const }
  return (
    <div className={classes.tools}>
      {hasText && (
        <TextInput
          size="sm"
          type="search"
          className={classes.search ?? ''}
          aria-label={t('data.search')}
          placeholder={t('data.search')}
          leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
          rightSection={
            typed !== '' && <CloseButton size="sm" aria-label={t('data.searchClear')} onClick={() => type('')} />
          }
          value={typed}
          maxLength={200}
          onChange={({ currentTarget: { value } }) => type(value)}
        />
      )}
      <Button
        {...sized}
        leftSection={<IconFilter size={16} stroke={1.75} aria-hidden />}
        aria-expanded={isFiltering}
        onClick={() => onFiltering(!isFiltering)}
      >
        {tests > 0 ? t('data.filtered', { count: tests }) : t('data.filter.title')}
      </Button>
      <Popover position="bottom-start" radius="lg" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button {...sized} leftSection={<IconColumns3 size={16} stroke={1.75} aria-hidden />}>
            {t('data.columns')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <ColumnChoice schema={schema} shown={columns} onChange={(names) => onChange({ columns: names })} />
        </Popover.Dropdown>
      </Popover>
      <Button
        {...sized}
        leftSection={<IconRefresh size={16} stroke={1.75} aria-hidden />}
        loading={isRenewing}
        onClick={() => {
          onRenewed()
          void renewRows(cache, schema.name)
        }}
      >
        {t('data.refresh')}
      </Button>
      <TransferMenu schema={schema} search={search} />
      {schema.soft_delete && may(me, 'data:manage') && (
        <Button {...sized} leftSection={<IconTrash size={16} stroke={1.75} aria-hidden />} onClick={onDeleted}>
          {t('data.aside.open')}
        </Button>
      )}
      {schema.actions.includes('create') && (
        <Button size="sm" leftSection={<IconPlus size={16} stroke={2} aria-hidden />} onClick={onNew}>
          {t('data.newRow')}
        </Button>
      )}
    </div>
  )
}

interface ColumnChoiceProps {
  schema: TableSchema
  shown: readonly GridColumn[]
  onChange: (columns: string | undefined) => void
}

function ColumnChoice({ schema, shown, onChange }: ColumnChoiceProps) {
  const { t } = useTranslation()
  const names = new Set(shown.map(({ column }) => column.name))
  const toggle = (name: string, on: boolean) => {
    const next = schema.columns.map((column) => column.name).filter((each) => (each === name ? on : names.has(each)))
    // The last one stays: a table without columns shows nothing.
    if (next.length > 0) onChange(next.join(','))
  }
  return (
    <Stack gap="xs">
      <Stack gap="xs" mah="45vh" p={4} style={{ overflowY: 'auto' }}>
        {schema.columns.map(({ name }) => (
          <Checkbox
            key={name}
            label={name}
            checked={names.has(name)}
            onChange={({ currentTarget: { checked } }) => toggle(name, checked)}
          />
        ))}
      </Stack>
      <Button size="compact-sm" variant="subtle" onClick={() => onChange(undefined)}>
        {t('data.columnsReset')}
      </Button>
    </Stack>
  )
}

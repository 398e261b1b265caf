import { Button, Group, Text } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { relationOf } from '../columns.ts'
import classes from '../data.module.css'
import { schemaQuery } from '../queries.ts'
import type { TableSchema } from '../types.ts'
import { FilterBuilder, type FilterRelation } from './filter-builder.tsx'
import {
  countTests,
  emptyGroup,
  type Filter,
  type FilterGroup,
  fromFilter,
  newTest,
  relationsIn,
  toFilter,
} from './filter-model.ts'
import type { FilterField } from './test-row.tsx'

/** `allowed`: operators that are off where the table's settings do not name them. */
export const filterFields = (
  { columns }: Pick<TableSchema, 'columns'>,
  allowed: readonly string[] | undefined,
): FilterField[] =>
  columns
    .filter(({ type }) => type !== 'other')
    .map(({ name, type, values }) => ({ path: name, type, values, allowed }))

/** Of those that are asked about, with the columns of their tables. */
function useRelations({ relations }: TableSchema, group: FilterGroup | undefined): FilterRelation[] {
  const asked = group ? relationsIn(group) : []
  const tables = [...new Set(relations.filter(({ name }) => asked.includes(name)).map(({ table }) => table))]
  const schemas = useQueries({ queries: tables.map(schemaQuery) })
  return relations.map(({ name, table }) => {
    const other = schemas[tables.indexOf(table)]?.data
    return { name, fields: other && filterFields(other, other.operators) }
  })
}

interface FilterPanelProps {
  schema: TableSchema
  filter: Filter | undefined
  onChange: (filter: Filter | undefined) => void
}

/** The filter of the address, as it is built; what is not filled in yet narrows nothing down. */
export function FilterPanel({ schema, filter, onChange }: FilterPanelProps) {
  const { t } = useTranslation()
  const fields = filterFields(schema, schema.operators)
  const names = schema.relations.map(({ name }) => name)
  const [group, setGroup] = useState<FilterGroup | undefined>(() => {
    if (filter) return fromFilter(filter, names)
    // Something to begin with, by what people look for first.
    const first =
      fields.find(({ path, type }) => type === 'text' && !relationOf(schema, columnOf(schema, path))) ?? fields[0]
    return first ? { ...emptyGroup(), items: [newTest(first.path, first.type)] } : emptyGroup()
  })
  const relations = useRelations(schema, group)
  const typeOf = (path: string) =>
    fields.find((field) => field.path === path)?.type ??
    relations.flatMap(({ name, fields: own = [] }) => own.filter((field) => `${name}.${field.path}` === path))[0]?.type
  const tell = useDebouncedCallback((next: FilterGroup) => onChange(toFilter(next, typeOf)), 350)
  const clear = () => {
    setGroup(emptyGroup())
    onChange(undefined)
  }
  return (
    <>
      {group ? (
        <FilterBuilder
          group={group}
          fields={fields}
          relations={relations}
          onChange={(next) => {
            setGroup(next)
            tell(next)
          }}
        />
      ) : (
        <>
          <Text size="sm" c="dimmed">
            {t('data.filter.written')}
          </Text>
          <pre className={classes.json}>{JSON.stringify(filter, null, 2)}</pre>
        </>
      )}
      {(!group || countTests(group) > 0) && (
        <Group justify="flex-end">
          <Button size="compact-sm" variant="default" onClick={clear}>
            {t('data.filter.clear')}
          </Button>
        </Group>
      )}
    </>
  )
}

const columnOf = ({ columns }: TableSchema, name: string) =>
  columns.find((column) => column.name === name) as TableSchema['columns'][number]

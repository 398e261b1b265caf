import type { AdminTable } from '@atrium/client'
import { Group, Radio, Stack, Textarea } from '@mantine/core'
import '@mantine/core/styles/Radio.css'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FilterBuilder } from '../tables/filters/filter-builder.tsx'
import { emptyGroup, type Filter, fromFilter, newTest, toFilter } from '../tables/filters/filter-model.ts'
import { filterFields } from '../tables/filters/filter-panel.tsx'

type Mode = 'all' | 'own' | 'some' | 'json'

interface RowConditionProps {
  table: AdminTable
  rows: Filter | undefined
  owner: string | undefined
  onChange: (rows: Filter | undefined) => void
}

/** Which rows there are for a role. What does not match does not exist for it. */
export function RowCondition({ table, rows, owner, onChange }: RowConditionProps) {
  const { t } = useTranslation()
  const fields = filterFields(table, table.settings.operators)
  const typeOf = (path: string) => fields.find((field) => field.path === path)?.type
  const own = owner ? { [owner]: { eq: '$me' } } : undefined
  const isOwn = own !== undefined && JSON.stringify(rows) === JSON.stringify(own)
  const [mode, setMode] = useState<Mode>(
    rows === undefined ? 'all' : isOwn ? 'own' : fromFilter(rows) ? 'some' : 'json',
  )
  const [group, setGroup] = useState(() => (rows && fromFilter(rows)) ?? firstGroup(fields))
  const [text, setText] = useState(() => JSON.stringify(rows ?? {}, null, 2))
  const [isBroken, setBroken] = useState(false)
  const choose = (next: Mode) => {
    setMode(next)
    if (next === 'all') onChange(undefined)
    if (next === 'own') onChange(own)
    if (next === 'some') onChange(toFilter(group, typeOf))
    if (next === 'json') setText(JSON.stringify(rows ?? {}, null, 2))
  }
  const write = (value: string) => {
    setText(value)
    const parsed = parse(value)
    setBroken(parsed === undefined)
    if (parsed) onChange(Object.keys(parsed).length > 0 ? parsed : undefined)
  }
  return (
    <Radio.Group label={t('tables.rows')} value={mode} onChange={(value) => choose(value as Mode)}>
      <Stack gap="sm" mt="xs">
        <Group gap="lg">
          <Radio value="all" label={t('tables.rowsAll')} />
          {own && <Radio value="own" label={t('tables.rowsOwn')} />}
          <Radio value="some" label={t('tables.rowsSome')} />
          <Radio value="json" label="JSON" />
        </Group>
        {mode === 'some' && (
          <FilterBuilder
            group={group}
            fields={fields}
            withMe
            onChange={(next) => {
              setGroup(next)
              onChange(toFilter(next, typeOf))
            }}
          />
        )}
        {mode === 'json' && (
          <Textarea
            aria-label={t('tables.rowsJson')}
            rows={6}
            value={text}
            error={isBroken ? t('data.problems.json') : undefined}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            onChange={(event) => write(event.currentTarget.value)}
          />
        )}
      </Stack>
    </Radio.Group>
  )
}

const firstGroup = (fields: ReturnType<typeof filterFields>) => {
  const [first] = fields
  return first ? { ...emptyGroup(), items: [newTest(first.path, first.type)] } : emptyGroup()
}

function parse(text: string): Filter | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Filter) : undefined
  } catch {
    return undefined
  }
}

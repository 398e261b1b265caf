import { ActionIcon, Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useTimeZone } from '../values/value-text.ts'
import { fromWallTime, toWallTime } from '../values/wall-time.ts'
import { type FilterTest, newTest, operatorsFor, takes } from './filter-model.ts'
import classes from './filters.module.css'
import { PlaceInputs } from './place-inputs.tsx'
import { joinList, splitList } from './written-values.ts'

/** A column that can be asked about, also one of a related row: `author.name`. */
export interface FilterField {
  path: string
  type: string
  values?: readonly string[] | undefined
  /** Operators that are off elsewhere and allowed here. */
  allowed?: readonly string[] | undefined
}

interface TestRowProps {
  test: FilterTest
  fields: readonly FilterField[]
  withMe: boolean
  onChange: (test: FilterTest | undefined) => void
}

/** One column, how it is compared, and with what. */
export function TestRow({ test, fields, withMe, onChange }: TestRowProps) {
  const { t } = useTranslation()
  const field = fields.find(({ path }) => path === test.path)
  const type = field?.type ?? 'text'
  const setPath = (path: string) => onChange(newTest(path, fields.find((each) => each.path === path)?.type ?? 'text'))
  const setOperator = (operator: string) => {
    const values = takes(operator) === takes(test.operator) ? test.values : takes(operator) === 'flag' ? ['true'] : ['']
    onChange({ ...test, operator, values })
  }
  const known = operatorsFor(type, field?.allowed)
  const operators = known.includes(test.operator) ? known : [test.operator, ...known]
  return (
    <div className={classes.test}>
      <NativeSelect
        size="sm"
        aria-label={t('data.filter.field')}
        value={test.path}
        onChange={({ currentTarget: { value } }) => setPath(value)}
        data={field ? fields.map(({ path }) => path) : [test.path, ...fields.map(({ path }) => path)]}
      />
      <NativeSelect
        size="sm"
        aria-label={t('data.filter.operator')}
        value={test.operator}
        onChange={({ currentTarget: { value } }) => setOperator(value)}
        data={operators.map((operator) => ({ value: operator, label: t(`data.operators.${operator as 'eq'}`) }))}
      />
      <TestValues test={test} field={field} withMe={withMe} onChange={(values) => onChange({ ...test, values })} />
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('data.filter.remove')}
        onClick={() => onChange(undefined)}
      >
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}

function wallTimeOf(value: string | undefined, timeZone: string | undefined): string {
  const at = new Date(value ?? '')
  return Number.isNaN(at.getTime()) ? '' : toWallTime(at, timeZone)
}

interface TestValuesProps {
  test: FilterTest
  field: FilterField | undefined
  withMe: boolean
  onChange: (values: string[]) => void
}

function TestValues({ test, field, withMe, onChange }: TestValuesProps) {
  const { t } = useTranslation()
  const timeZone = useTimeZone()
  const { values, operator } = test
  const label = t('data.filter.value')
  const choices =
    takes(operator) === 'flag' || field?.type === 'boolean'
      ? ['true', 'false'].map((value) => ({ value, label: t(value === 'true' ? 'data.yes' : 'data.no') }))
      : takes(operator) === 'one' && field?.values
        ? ['', ...field.values].map((value) => ({ value, label: value }))
        : undefined
  if (choices) {
    return (
      <NativeSelect
        size="sm"
        aria-label={label}
        value={values[0] ?? ''}
        onChange={({ currentTarget: { value } }) => onChange([value])}
        data={choices}
      />
    )
  }
  if (takes(operator) === 'list' && field?.values) {
    const chosen = splitList(values[0] ?? '')
    const among = field.values
    return (
      <fieldset className={classes.choices} aria-label={label}>
        {among.map((value) => (
          <Checkbox
            key={value}
            size="sm"
            label={value}
            checked={chosen.includes(value)}
            onChange={({ currentTarget: { checked } }) =>
              onChange([joinList(among.filter((each) => (each === value ? checked : chosen.includes(each))))])
            }
          />
        ))}
      </fieldset>
    )
  }
  if (takes(operator) === 'numbers' || takes(operator) === 'area')
    return <PlaceInputs operator={operator} values={values} onChange={onChange} />
  const hints: Record<string, string> = {
    search: t('data.filter.words'),
    regex: '^[A-Z]+-[0-9]{3}$',
    ilike: '%harbour_',
  }
  const isList = takes(operator) === 'list' || takes(operator) === 'items'
  const placeholder = isList ? t('data.filter.list') : hints[operator]
  // A macro is text: `$me`, `$now(-7d)`. A field for dates would not take it.
  const isDated = !isList && !values.some((value) => value.startsWith('$'))
  const input = (isDated && { date: 'date', datetime: 'datetime-local', time: 'time' }[field?.type ?? '']) || 'text'
  const isCounted = !isList && ['integer', 'decimal', 'number'].includes(field?.type ?? '')
  const isLocal = input === 'datetime-local'
  const one = (index: number) => (
    <TextInput
      size="sm"
      type={input}
      {...(input === 'time' ? { step: 1 } : {})}
      {...(isCounted ? { inputMode: 'decimal' as const } : {})}
      aria-label={index === 0 ? label : t('data.filter.upTo')}
      placeholder={placeholder}
      value={isLocal ? wallTimeOf(values[index], timeZone) : (values[index] ?? '')}
      onChange={({ currentTarget: { value } }) => {
        const next = [...values]
        next[index] = isLocal ? (fromWallTime(value, timeZone)?.toISOString() ?? '') : value
        onChange(next)
      }}
    />
  )
  return (
    <div className={classes.values}>
      {one(0)}
      {takes(operator) === 'two' && one(1)}
      {withMe && takes(operator) === 'one' && (
        <Button size="compact-sm" variant="default" onClick={() => onChange(['$me'])}>
          $me
        </Button>
      )}
    </div>
  )
}

import type { AdminTable, TableRuleTest, TableRuleTestResult, TableSettings } from '@atrium/client'
import { Button, Group, NativeSelect, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import { without } from './parts.ts'
import { runRuleTests } from './queries.ts'
import classes from './tables.module.css'

type Action = TableRuleTest['action']
const actions: readonly Action[] = ['list', 'get', 'create', 'update', 'delete']

/** Tries the rules as they stand here, before they are kept. What a test writes is taken back. */
export function RuleTester({ table, settings }: { table: AdminTable; settings: TableSettings }) {
  const { t } = useTranslation()
  const roles = [...new Set([...Object.keys(settings.rules ?? {}), 'user', 'guest'])]
  const [role, setRole] = useState(roles[0] ?? 'user')
  const [action, setAction] = useState<Action>('list')
  const [key, setKey] = useState<Readonly<Record<string, string>>>({})
  const [userId, setUserId] = useState('')
  const [row, setRow] = useState('')
  const [isBroken, setBroken] = useState(false)
  const [result, setResult] = useState<TableRuleTestResult>()
  const writes = action === 'create' || action === 'update'
  const run = useGuarded<TableRuleTest, TableRuleTestResult | undefined>({
    // The tests that are kept belong to saving.
    run: async (test) => (await runRuleTests(table.name, { ...without(settings, 'tests'), exposed: true }, [test]))[0],
    onDone: setResult,
  })
  const start = () => {
    const parsed = writes && row.trim() !== '' ? parseRow(row) : undefined
    setBroken(writes && row.trim() !== '' && parsed === undefined)
    if (writes && row.trim() !== '' && !parsed) return
    setResult(undefined)
    const withKey = action !== 'create' && table.key.length > 0 && table.key.every((name) => key[name])
    run.start({
      roles: [role],
      action,
      ...(userId.trim() ? { user_id: userId.trim() } : {}),
      ...(withKey ? { key } : {}),
      ...(parsed ? { row: parsed } : {}),
    })
  }
  return (
    <section className={classes.card} aria-labelledby="table-test">
      <Title order={3} id="table-test">
        {t('tables.test.title')}
      </Title>
      <Text c="dimmed">{t('tables.test.text')}</Text>
      <div className={classes.test}>
        <NativeSelect
          size="sm"
          label={t('tables.role')}
          data={roles}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
        />
        <NativeSelect
          size="sm"
          label={t('tables.test.action')}
          data={actions.map((value) => ({ value, label: t(`tables.action.${value}`) }))}
          value={action}
          onChange={(event) => setAction(event.currentTarget.value as Action)}
        />
        {action !== 'create' &&
          table.key.map((name) => (
            <TextInput
              key={name}
              size="sm"
              label={t('tables.test.key', { name })}
              value={key[name] ?? ''}
              onChange={(event) => setKey({ ...key, [name]: event.currentTarget.value })}
            />
          ))}
        <TextInput
          size="sm"
          label={t('tables.test.user')}
          placeholder={t('tables.test.anybody')}
          value={userId}
          onChange={(event) => setUserId(event.currentTarget.value)}
        />
      </div>
      {writes && (
        <Textarea
          label={t('tables.test.row')}
          rows={3}
          placeholder='{"name": "…"}'
          value={row}
          error={isBroken ? t('data.problems.json') : undefined}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onChange={(event) => setRow(event.currentTarget.value)}
        />
      )}
      {run.failure && <FormAlert kind="error">{run.failure}</FormAlert>}
      <Group>
        <Button variant="default" loading={run.isPending} onClick={start}>
          {t('tables.test.run')}
        </Button>
      </Group>
      {result && (
        <div className={classes.result} role="status" data-allowed={result.allowed}>
          <p className={classes.verdict}>
            {result.allowed ? t('tables.test.allowed') : t('tables.test.refused', { code: result.code })}
          </p>
          {result.rules.length > 0 && (
            <p className={classes.quiet}>{t('tables.test.by', { roles: result.rules.join(', ') })}</p>
          )}
          {result.read.length > 0 && (
            <p className={classes.quiet}>{t('tables.test.sees', { columns: result.read.join(', ') })}</p>
          )}
          {result.write.length > 0 && (
            <p className={classes.quiet}>{t('tables.test.writes', { columns: result.write.join(', ') })}</p>
          )}
        </div>
      )}
    </section>
  )
}

function parseRow(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

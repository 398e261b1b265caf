import type { TableRule } from '@atrium/client'
import { Button, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { rolesQuery } from '../admin/queries.ts'
import { may } from '../admin/rights.ts'
import { type SettingsPart, without } from './parts.ts'
import { RuleForm } from './rule-form.tsx'
import classes from './tables.module.css'

/** What each role may do with the rows. */
export function RulesCard({ table, settings, onChange, isDisabled }: SettingsPart) {
  const { t } = useTranslation()
  const rules = settings.rules ?? {}
  const set = (role: string, rule: TableRule) => onChange({ ...settings, rules: { ...rules, [role]: rule } })
  return (
    <section className={classes.card} aria-labelledby="table-rules">
      <Title order={3} id="table-rules">
        {t('tables.rules')}
      </Title>
      <Text c="dimmed">{t('tables.rulesText')}</Text>
      {Object.entries(rules).map(([role, rule]) => (
        <RuleForm
          key={role}
          table={table}
          role={role}
          rule={rule}
          owner={settings.owner_column ?? undefined}
          isDisabled={isDisabled}
          onChange={(next) => set(role, next)}
          onRemove={() => onChange({ ...settings, rules: without(rules, role) })}
        />
      ))}
      {!isDisabled && <NewRule taken={Object.keys(rules)} onAdd={(role) => set(role, { actions: ['list', 'get'] })} />}
    </section>
  )
}

function NewRule({ taken, onAdd }: { taken: readonly string[]; onAdd: (role: string) => void }) {
  const { t } = useTranslation()
  const mayRead = may(useUser(), 'roles:read')
  const roles = useQuery({ ...rolesQuery, enabled: mayRead })
  const left = (roles.data ?? []).map(({ name }) => name).filter((name) => !taken.includes(name))
  const [chosen, setChosen] = useState('')
  const role = mayRead
    ? left.includes(chosen)
      ? chosen
      : (left.find((name) => name === 'user') ?? left[0] ?? '')
    : chosen
  if (mayRead && roles.data && left.length === 0) return null
  return (
    <Group align="flex-end" gap="sm">
      {mayRead ? (
        <NativeSelect
          label={t('tables.role')}
          value={role}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={left}
        />
      ) : (
        <TextInput label={t('tables.role')} value={role} onChange={(event) => setChosen(event.currentTarget.value)} />
      )}
      <Button
        variant="light"
        disabled={role === ''}
        onClick={() => {
          onAdd(role.trim())
          setChosen('')
        }}
      >
        {t('tables.addRule')}
      </Button>
    </Group>
  )
}

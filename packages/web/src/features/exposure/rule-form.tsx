import type { AdminTable, TableRule } from '@atrium/client'
import { Button, Checkbox, Group, Stack } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { useTranslation } from 'react-i18next'
import { FieldChoice } from './field-choice.tsx'
import { without } from './parts.ts'
import { Presets } from './presets.tsx'
import { RowCondition } from './row-condition.tsx'
import classes from './tables.module.css'

interface RuleFormProps {
  table: AdminTable
  role: string
  rule: TableRule
  owner: string | undefined
  isDisabled: boolean
  onChange: (rule: TableRule) => void
  onRemove: () => void
}

type Action = TableRule['actions'][number]
const actions: readonly Action[] = ['list', 'get', 'create', 'update', 'delete']

/** The rule of one role: what it may do, with which rows, and with which of their columns. */
export function RuleForm({ table, role, rule, owner, isDisabled, onChange, onRemove }: RuleFormProps) {
  const { t } = useTranslation()
  const toggle = (action: Action, on: boolean) =>
    onChange({ ...rule, actions: actions.filter((each) => (each === action ? on : rule.actions.includes(each))) })
  const setFields = (kind: 'read' | 'write', names: string[] | undefined) => {
    const fields = names ? { ...rule.fields, [kind]: names } : without(rule.fields ?? {}, kind)
    onChange(Object.keys(fields).length > 0 ? { ...rule, fields } : without(rule, 'fields'))
  }
  const isWriting = rule.actions.includes('create') || rule.actions.includes('update')
  const writable = table.columns.filter(({ writable }) => writable)
  return (
    <fieldset className={classes.rule} disabled={isDisabled}>
      <legend className={classes.role}>{role}</legend>
      <Stack>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset in a fieldset would need a legend that is shown */}
        <div role="group" aria-label={t('tables.actions')}>
          <Group gap="lg">
            {actions.map((action) => (
              <Checkbox
                key={action}
                label={t(`tables.action.${action}`)}
                checked={rule.actions.includes(action)}
                onChange={(event) => toggle(action, event.currentTarget.checked)}
              />
            ))}
          </Group>
        </div>
        <RowCondition
          table={table}
          rows={rule.rows}
          owner={owner}
          onChange={(rows) => onChange(rows ? { ...rule, rows } : without(rule, 'rows'))}
        />
        <FieldChoice
          label={t('tables.readable')}
          columns={table.columns}
          // Without its key a row can neither be opened nor told from others.
          fixed={table.key}
          chosen={rule.fields?.read}
          onChange={(names) => setFields('read', names)}
        />
        {isWriting && (
          <>
            <FieldChoice
              label={t('tables.writtenFields')}
              columns={writable}
              fixed={[]}
              chosen={rule.fields?.write}
              onChange={(names) => setFields('write', names)}
            />
            <Presets
              columns={writable}
              presets={rule.presets ?? {}}
              onChange={(presets) =>
                onChange(Object.keys(presets).length > 0 ? { ...rule, presets } : without(rule, 'presets'))
              }
            />
          </>
        )}
        {!isDisabled && (
          <Group justify="flex-end">
            <Button
              size="compact-sm"
              variant="subtle"
              color="red"
              onClick={onRemove}
              aria-label={t('tables.removeRuleOf', { role })}
            >
              {t('tables.removeRule')}
            </Button>
          </Group>
        )}
      </Stack>
    </fieldset>
  )
}

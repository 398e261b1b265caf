import { NativeSelect, Stack, Switch, Textarea, TextInput, Title } from '@mantine/core'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Switch.css'
import { useTranslation } from 'react-i18next'
import { type SettingsPart, without } from './parts.ts'
import classes from './tables.module.css'

/** Whether and how a table is offered. */
export function GeneralCard({ table, settings, onChange, isDisabled }: SettingsPart) {
  const { t } = useTranslation()
  const toggle = (name: 'exposed' | 'realtime' | 'revisions' | 'soft_delete') => ({
    label: t(`tables.${name}`),
    description: t(`tables.${name}_hint`),
    checked: settings[name] ?? false,
    disabled: isDisabled,
    onChange: (event: { currentTarget: { checked: boolean } }) =>
      onChange({ ...settings, [name]: event.currentTarget.checked }),
  })
  const allowed = settings.operators ?? []
  const operator = (name: (typeof allowed)[number]) => ({
    label: t(`tables.${name}`),
    description: t('tables.operator_hint'),
    checked: allowed.includes(name),
    disabled: isDisabled,
    onChange: ({ currentTarget: { checked } }: { currentTarget: { checked: boolean } }) => {
      const operators = allowed.filter((each) => each !== name)
      onChange({ ...settings, operators: checked ? [...operators, name] : operators })
    },
  })
  const text = (name: 'label' | 'description', value: string) =>
    onChange(value === '' ? without(settings, name) : { ...settings, [name]: value })
  const owners = table.columns.filter(({ type }) => type === 'text' || type === 'uuid')
  return (
    <section className={classes.card} aria-labelledby="table-general">
      <Title order={3} id="table-general">
        {t('tables.general')}
      </Title>
      <Stack>
        <Switch {...toggle('exposed')} />
        <TextInput
          label={t('tables.label')}
          description={t('tables.labelHint')}
          maxLength={200}
          disabled={isDisabled}
          value={settings.label ?? ''}
          onChange={(event) => text('label', event.currentTarget.value)}
        />
        <Textarea
          label={t('tables.description')}
          maxLength={2000}
          autosize
          disabled={isDisabled}
          value={settings.description ?? ''}
          onChange={(event) => text('description', event.currentTarget.value)}
        />
        <NativeSelect
          label={t('tables.owner')}
          description={t('tables.ownerHint')}
          disabled={isDisabled}
          value={settings.owner_column ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onChange(value === '' ? without(settings, 'owner_column') : { ...settings, owner_column: value })
          }
          data={[{ value: '', label: t('tables.noOwner') }, ...owners.map(({ name }) => name)]}
        />
        <Switch {...toggle('realtime')} />
        <Switch {...toggle('revisions')} />
        {table.kind !== 'view' && <Switch {...toggle('soft_delete')} />}
        <Switch {...operator('ilike')} />
        <Switch {...operator('regex')} />
      </Stack>
    </section>
  )
}

import { ApiError } from '@atrium/client'
import { Button, NativeSelect, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useDates } from '../../app/use-dates.ts'
import admin from '../admin/admin.module.css'
import classes from './console.module.css'
import type { Setting } from './queries.ts'

interface SettingFieldProps {
  setting: Setting
  /** undefined: as it is; null: the default. */
  draft: string | null | undefined
  isEditable: boolean
  error: unknown
  onDraft: (draft: string | null) => void
}

/** One setting: what it does, where its value comes from, and another one. */
export function SettingField({ setting, draft, isEditable, error, onDraft }: SettingFieldProps) {
  const { t } = useTranslation()
  const dates = useDates()
  const { name, description, value, source, kind, changed_at } = setting
  const shown = draft === undefined ? value : (draft ?? setting.default)
  const common = {
    id: name,
    'aria-describedby': `${name}-about`,
    value: shown,
    disabled: !isEditable,
    error: problemOf(error, name),
    onChange: (event: { currentTarget: { value: string } }) => onDraft(event.currentTarget.value),
  }
  const choices =
    kind === 'boolean'
      ? [
          { value: 'true', label: t('settings.on') },
          { value: 'false', label: t('settings.off') },
        ]
      : setting.choices
  const from =
    source === 'stored' && changed_at
      ? t('settings.source.storedAt', { time: dates.full(new Date(changed_at)) })
      : t(`settings.source.${source}`)
  return (
    <div className={classes.setting}>
      <div className={admin.names}>
        <label htmlFor={name} className={classes.code}>
          {name}
        </label>
        <Text size="sm" c="dimmed" id={`${name}-about`}>
          {description} {kind === 'integer' && t('settings.range', { from: setting.minimum, to: setting.maximum })}
        </Text>
      </div>
      <div>
        {choices ? (
          <NativeSelect {...common} size="md" data={choices} />
        ) : (
          <TextInput
            {...common}
            inputMode={kind === 'integer' ? 'numeric' : 'text'}
            maxLength={8192}
            autoComplete="off"
          />
        )}
        <div className={classes.from}>
          <span>{from}</span>
          {isEditable && source === 'stored' && draft !== null && (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={t('settings.resetLabel', { name })}
              onClick={() => onDraft(null)}
            >
              {t('settings.reset')}
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}

function problemOf(error: unknown, name: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  return error.problem.errors?.find(({ pointer }) => pointer === `/values/${name}`)?.message
}

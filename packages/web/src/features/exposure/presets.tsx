import type { TableColumn } from '@atrium/client'
import { ActionIcon, Button, Group, Input, NativeSelect, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

type Values = Readonly<Record<string, unknown>>

interface PresetsProps {
  columns: readonly TableColumn[]
  presets: Values
  onChange: (presets: Record<string, unknown>) => void
}

/** As the server wants it of this column; text is as it is typed. */
function typed(text: string, type: string | undefined): unknown {
  if (type === 'boolean') return text === 'true'
  if (type === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  return text
}

/** Values that a new row gets, which nobody sends. */
export function Presets({ columns, presets, onChange }: PresetsProps) {
  const { t } = useTranslation()
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type
  const left = columns.map(({ name }) => name).filter((name) => !Object.hasOwn(presets, name))
  const entries = Object.entries(presets)
  const rename = (from: string, to: string) =>
    onChange(
      Object.fromEntries(entries.map(([name, value]) => (name === from ? [to, typed('', typeOf(to))] : [name, value]))),
    )
  return (
    <Input.Wrapper label={t('tables.presets')} description={t('tables.presetsHint')} labelElement="div">
      <Stack gap="xs" mt="xs">
        {entries.map(([name, value]) => (
          <Group key={name} gap="xs" wrap="nowrap">
            <NativeSelect
              size="sm"
              aria-label={t('tables.presetColumn')}
              value={name}
              data={[name, ...left]}
              onChange={(event) => rename(name, event.currentTarget.value)}
            />
            {typeOf(name) === 'boolean' ? (
              <NativeSelect
                size="sm"
                aria-label={t('tables.presetValue', { name })}
                value={String(value)}
                data={[
                  { value: 'true', label: t('data.yes') },
                  { value: 'false', label: t('data.no') },
                ]}
                onChange={(event) => onChange({ ...presets, [name]: event.currentTarget.value === 'true' })}
              />
            ) : (
              <TextInput
                size="sm"
                flex={1}
                aria-label={t('tables.presetValue', { name })}
                value={typeof value === 'object' ? JSON.stringify(value) : String(value)}
                onChange={(event) => onChange({ ...presets, [name]: typed(event.currentTarget.value, typeOf(name)) })}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('tables.presetRemove', { name })}
              onClick={() => onChange(Object.fromEntries(entries.filter(([other]) => other !== name)))}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {left[0] !== undefined && (
          <Group>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => onChange({ ...presets, [left[0] ?? '']: typed('', typeOf(left[0] ?? '')) })}
            >
              {t('tables.presetAdd')}
            </Button>
          </Group>
        )}
      </Stack>
    </Input.Wrapper>
  )
}

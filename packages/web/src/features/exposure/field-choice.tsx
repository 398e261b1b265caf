import type { TableColumn } from '@atrium/client'
import { Checkbox, Group, Radio, Stack } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/Radio.css'
import { useTranslation } from 'react-i18next'

interface FieldChoiceProps {
  label: string
  columns: readonly TableColumn[]
  /** Always chosen. */
  fixed: readonly string[]
  /** All when absent. */
  chosen: readonly string[] | undefined
  onChange: (names: string[] | undefined) => void
}

/** All columns, those to come as well, or only some. */
export function FieldChoice({ label, columns, fixed, chosen, onChange }: FieldChoiceProps) {
  const { t } = useTranslation()
  const names = columns.map(({ name }) => name)
  const toggle = (name: string, on: boolean) =>
    onChange(names.filter((each) => fixed.includes(each) || (each === name ? on : chosen?.includes(each))))
  return (
    <Radio.Group
      label={label}
      value={chosen ? 'some' : 'all'}
      onChange={(value) => onChange(value === 'all' ? undefined : names)}
    >
      <Stack gap="sm" mt="xs">
        <Group gap="lg">
          <Radio value="all" label={t('tables.allColumns')} />
          <Radio value="some" label={t('tables.someColumns')} />
        </Group>
        {chosen && (
          <Group gap="sm">
            {names.map((name) => (
              <Checkbox
                key={name}
                label={name}
                checked={fixed.includes(name) || chosen.includes(name)}
                disabled={fixed.includes(name)}
                onChange={(event) => toggle(name, event.currentTarget.checked)}
              />
            ))}
          </Group>
        )}
      </Stack>
    </Radio.Group>
  )
}

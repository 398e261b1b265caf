import { Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { placeNumbers } from './filter-model.ts'
import classes from './filters.module.css'
import { areaIn } from './written-values.ts'

interface PlaceInputsProps {
  operator: string
  values: readonly string[]
  onChange: (values: string[]) => void
}

/** Where a point may lie: a position and a distance, the sides of a box, or an area as GeoJSON. */
export function PlaceInputs({ operator, values, onChange }: PlaceInputsProps) {
  const { t } = useTranslation()
  const names = placeNumbers[operator]
  if (!names) {
    const [text = ''] = values
    return (
      <Textarea
        size="sm"
        autosize
        maxRows={6}
        aria-label={t('data.filter.area')}
        placeholder={'{"type":"Polygon","coordinates":[…]}'}
        error={text.trim() !== '' && !areaIn(text) && t('data.filter.noArea')}
        value={text}
        onChange={({ currentTarget: { value } }) => onChange([value])}
      />
    )
  }
  return (
    <div className={classes.place} data-count={names.length}>
      {names.map((name, index) => (
        <TextInput
          key={name}
          size="sm"
          inputMode={name === 'metres' ? 'decimal' : 'text'}
          label={t(`data.filter.place.${name}`)}
          value={values[index] ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onChange(names.map((_, at) => (at === index ? value : (values[at] ?? ''))))
          }
        />
      ))}
    </div>
  )
}

import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import { FileDrop } from '../tables/transfer/file-drop.tsx'
import { columnTypes } from './column-types.ts'
import { type FileColumns, makeFromFile, previewFile, renewTables, type TablePreview } from './queries.ts'
import classes from './tables.module.css'

/** A name for a table out of that of a file. */
function nameOf(file: File): string {
  const stem = file.name.replace(/\.[^.]*$/, '').replace(/[^A-Za-z0-9_]+/g, '_')
  return (
    stem
      .replace(/^[^A-Za-z]+/, '')
      .replace(/_+$/, '')
      .toLowerCase()
      .slice(0, 63) || 'table'
  )
}

/** A table out of a file: the columns it would have are shown first, and can be others. */
export function NewFromFile({ onClose, onMade }: { onClose: () => void; onMade: (table: string) => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [file, setFile] = useState<File>()
  const [name, setName] = useState('')
  const [columns, setColumns] = useState<FileColumns>({})
  const [preview, setPreview] = useState<TablePreview>()
  const look = useGuarded<{ file: File; name: string; columns: FileColumns }, TablePreview>({
    run: (asked) => previewFile(asked),
    onDone: setPreview,
  })
  const make = useGuarded({
    run: () => makeFromFile({ file: file as File, name, columns }),
    onDone: (table) => {
      announce(t('tables.made', { name: table.name }))
      void renewTables(cache)
      onMade(table.name)
    },
  })
  const choose = (chosen: File) => {
    const first = nameOf(chosen)
    setFile(chosen)
    setName(first)
    setColumns({})
    look.start({ file: chosen, name: first, columns: {} })
  }
  const change = (source: string, column: FileColumns[string]) => {
    const next = { ...columns, [source]: column }
    setColumns(next)
    if (file) look.start({ file, name, columns: next })
  }
  if (!file) return <FileDrop text={t('tables.file.text')} onFile={choose} />
  const left = Object.entries(columns).filter(([, column]) => column === null)
  return (
    <Stack>
      {(look.failure ?? make.failure) && <FormAlert kind="error">{look.failure ?? make.failure}</FormAlert>}
      <TextInput
        label={t('tables.name')}
        description={t('tables.nameHint')}
        maxLength={63}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {!preview && look.isPending && <Text role="status">{t('data.import.reading')}</Text>}
      {preview && (
        <>
          <Text fw={600} role="status">
            {t('tables.file.found', { count: preview.rows })}
          </Text>
          {preview.failed > 0 && (
            <Text c="var(--danger-text)">{t('data.import.failed', { count: preview.failed })}</Text>
          )}
          {preview.errors.slice(0, 5).map(({ row, message }) => (
            <Text key={`${row} ${message}`} size="sm">
              {t('data.import.row', { row })}: {message}
            </Text>
          ))}
          <ul className={classes.columns} aria-label={t('tables.columns')}>
            {preview.columns.map(({ source, name: column, type, samples }) => (
              <li key={source} className={classes.column}>
                <Checkbox
                  label={column}
                  description={samples.slice(0, 3).join(' · ')}
                  checked
                  onChange={() => change(source, null)}
                />
                <NativeSelect
                  size="sm"
                  aria-label={t('tables.file.typeOf', { name: column })}
                  value={type}
                  disabled={look.isPending}
                  data={columnTypes.map((value) => ({ value, label: t(`tables.types.${value}`) }))}
                  onChange={(event) => change(source, { type: event.currentTarget.value })}
                />
              </li>
            ))}
            {left.map(([source]) => (
              <li key={source} className={classes.column}>
                <Checkbox label={source} checked={false} onChange={() => change(source, {})} />
                <span className={classes.quiet}>{t('data.import.leaveOut')}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Group justify="flex-end" mt="xs">
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button
          disabled={!preview || preview.failed > 0 || look.isPending || name.trim() === ''}
          loading={make.isPending}
          onClick={() => make.start()}
        >
          {t('tables.make')}
        </Button>
      </Group>
    </Stack>
  )
}

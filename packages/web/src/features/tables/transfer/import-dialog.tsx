import { ApiError } from '@atrium/client'
import { Button, Checkbox, FileButton, Group, Loader, Modal, NativeSelect, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Loader.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { explainError } from '../../../app/error-words.ts'
import { FormAlert } from '../../accounts/form-alert.tsx'
import identity from '../../accounts/identity-dialog.module.css'
import { renewRows } from '../queries.ts'
import type { TableSchema } from '../types.ts'
import { FileDrop } from './file-drop.tsx'
import classes from './transfer.module.css'
import { type ImportReport, importRows, type Mapping } from './transfer.ts'

/** Rows from a file: first what would become of them, then the rows. */
export function ImportDialog({ schema, onClose }: { schema: TableSchema; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [file, setFile] = useState<File>()
  const [mapping, setMapping] = useState<Mapping>({})
  const [isPartial, setPartial] = useState(false)
  const tried = useMutation({
    mutationFn: (asked: { file: File; mapping: Mapping; isPartial: boolean }) =>
      importRows(schema.name, asked.file, { ...asked, dryRun: true }),
  })
  const done = useMutation({
    mutationFn: (given: File) => importRows(schema.name, given, { mapping, isPartial, dryRun: false }),
    onSuccess: ({ created }) => {
      announce(t('data.import.done', { count: created }))
      void renewRows(cache, schema.name)
    },
  })
  const look = (next: Partial<{ file: File; mapping: Mapping; isPartial: boolean }>) => {
    const asked = { file: next.file ?? file, mapping: next.mapping ?? mapping, isPartial: next.isPartial ?? isPartial }
    if (!asked.file) return
    setFile(asked.file)
    setMapping(asked.mapping)
    setPartial(asked.isPartial)
    done.reset()
    tried.mutate({ ...asked, file: asked.file })
  }
  const report = done.data ?? tried.data
  const isBusy = tried.isPending || done.isPending
  const error = done.error ?? tried.error
  const good = report ? report.rows - report.failed : 0
  const canStart = file && report && !done.data && good > 0 && (report.failed === 0 || isPartial)
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('data.import.title')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Stack>
        {!file && <FileDrop text={t('data.import.text')} onFile={(chosen) => look({ file: chosen, mapping: {} })} />}
        {file && (
          <Group justify="space-between">
            <Text fw={600}>{file.name}</Text>
            <FileButton
              accept=".csv,.json,.ndjson,.jsonl"
              onChange={(chosen) => chosen && look({ file: chosen, mapping: {} })}
              inputProps={{ 'aria-label': t('data.import.other'), tabIndex: -1 }}
            >
              {(props) => (
                <Button {...props} size="compact-sm" variant="default" disabled={isBusy}>
                  {t('data.import.other')}
                </Button>
              )}
            </FileButton>
          </Group>
        )}
        {isBusy && (
          <Group gap="sm" role="status">
            <Loader size="sm" aria-hidden />
            <span>{t(done.isPending ? 'data.import.writing' : 'data.import.reading')}</span>
          </Group>
        )}
        {error && (
          <FormAlert kind="error">
            {explainError(error, t)} {error instanceof ApiError && said(error)}
          </FormAlert>
        )}
        {report && !isBusy && <Report report={report} isDone={done.data !== undefined} />}
        {tried.data && !done.data && tried.data.columns.length > 0 && (
          <Columns
            schema={schema}
            report={tried.data}
            onChange={(source, column) => look({ mapping: { ...mapping, [source]: column } })}
          />
        )}
        {report && !done.data && (report.failed > 0 || isPartial) && (
          <Checkbox
            label={t('data.import.partial')}
            checked={isPartial}
            disabled={isBusy}
            onChange={(event) => look({ isPartial: event.currentTarget.checked })}
          />
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t(done.data ? 'app.close' : 'app.cancel')}
          </Button>
          {!done.data && (
            <Button
              disabled={!canStart || tried.isPending}
              loading={done.isPending}
              onClick={() => file && done.mutate(file)}
            >
              {t('data.import.start', { count: good })}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

/** What is wrong with the file as a whole, such as columns that the table does not have. */
const said = ({ fieldErrors }: ApiError): string =>
  [...fieldErrors].map(([pointer, message]) => `${pointer.slice(1)}: ${message}`).join(' ')

function Report({ report, isDone }: { report: ImportReport; isDone: boolean }) {
  const { t } = useTranslation()
  const said = isDone
    ? t('data.import.done', { count: report.created })
    : t('data.import.found', { count: report.rows })
  return (
    <div role="status">
      <Text fw={600}>{said}</Text>
      {report.stopped && <Text c="var(--danger-text)">{t('data.import.stopped', { reason: report.stopped })}</Text>}
      {report.failed > 0 && (
        <>
          <Text c="var(--danger-text)">{t('data.import.failed', { count: report.failed })}</Text>
          <ul className={classes.problems}>
            {report.errors.map(({ row, field, message }) => (
              <li key={`${row} ${field} ${message}`}>
                {t('data.import.row', { row })}
                {field ? ` · ${field}` : ''}: {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

interface ColumnsProps {
  schema: TableSchema
  report: ImportReport
  onChange: (source: string, column: string | null) => void
}

/** Which column of the file goes into which of the table. */
function Columns({ schema, report, onChange }: ColumnsProps) {
  const { t } = useTranslation()
  const names = schema.columns.filter(({ writable }) => writable).map(({ name }) => name)
  return (
    <ul className={classes.columns} aria-label={t('data.import.columns')}>
      {report.columns.map(({ source, column }) => (
        <li key={source} className={classes.column}>
          <span>{source}</span>
          <NativeSelect
            size="xs"
            aria-label={t('data.import.columnFor', { source })}
            value={column ?? ''}
            data={[{ value: '', label: t('data.import.leaveOut') }, ...names]}
            onChange={({ currentTarget: { value } }) => onChange(source, value === '' ? null : value)}
          />
        </li>
      ))}
    </ul>
  )
}

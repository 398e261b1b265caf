import { ApiError, type DeletedRow } from '@atrium/client'
import { Button, Group } from '@mantine/core'
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { client } from '../../../app/client.ts'
import { ConfirmDialog } from '../../../app/confirm-dialog.tsx'
import { useDates, useNow } from '../../../app/use-dates.ts'
import { useGuarded } from '../../accounts/use-guarded.ts'
import { restoreRow } from '../data-api.ts'
import { renewRows } from '../queries.ts'
import type { TableSchema } from '../types.ts'
import { useSayValue } from '../values/value-text.ts'
import classes from './rows.module.css'
import { useWho } from './use-who.ts'

interface DeletedEntryProps {
  row: DeletedRow
  schema: TableSchema
  queryKey: QueryKey
  onMark: (path: string, mark: 'new') => void
}

export function DeletedEntry({ row, schema, queryKey, onMark }: DeletedEntryProps) {
  const { t } = useTranslation()
  const say = useSayValue()
  const dates = useDates()
  const now = useNow()
  const cache = useQueryClient()
  const who = useWho(row.deleted_by)
  const [isAsking, setAsking] = useState(false)
  const key = decodeURIComponent(row.key)
  const at = new Date(row.deleted_at)
  const refusals: Record<string, string> = {
    already_exists: t('data.aside.taken'),
    foreign_key_conflict: t('data.aside.missing'),
  }
  const restore = useGuarded({
    run: () => restoreRow(schema.name, row.key),
    renews: [queryKey],
    onDone: () => {
      announce(t('data.aside.restored', { key }))
      onMark(row.key, 'new')
      void renewRows(cache, schema.name)
    },
    explain: (error) => (error instanceof ApiError ? refusals[error.code] : undefined),
  })
  const purge = useGuarded({
    run: () =>
      client.api.DELETE('/api/v1/admin/data/tables/{table}/deleted', {
        params: { path: { table: schema.name }, query: { key: row.key } },
      }),
    renews: [queryKey],
    onDone: () => {
      setAsking(false)
      announce(t('data.aside.purged', { key }))
    },
  })
  return (
    <li className={classes.entry}>
      <div className={classes.entryHead}>
        <div>
          <strong>{t('data.aside.row', { key })}</strong>
          <span className={classes.when}>
            {' '}
            {t('data.aside.deleted')}
            {who && ` ${t('data.aside.by', { who })}`} ·{' '}
            <time dateTime={row.deleted_at} title={dates.full(at)}>
              {dates.ago(at, now)}
            </time>
          </span>
        </div>
      </div>
      <dl className={classes.changes}>
        {schema.columns
          .filter(({ name }) => row.record[name] !== undefined && row.record[name] !== null)
          .map((column) => {
            const { text, isQuiet } = say(row.record[column.name], column)
            return (
              <div key={column.name} className={classes.changed}>
                <dt>{column.name}</dt>
                <dd data-quiet={isQuiet || undefined}>{text}</dd>
              </div>
            )
          })}
      </dl>
      {restore.failure && (
        <p className={classes.refused} role="alert">
          {restore.failure}
        </p>
      )}
      <Group gap="xs" mt="sm" justify="flex-end">
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={t('data.aside.purgeOf', { key })}
          onClick={() => setAsking(true)}
        >
          {t('data.aside.purge')}
        </Button>
        <Button
          size="compact-sm"
          variant="light"
          loading={restore.isPending}
          aria-label={t('data.aside.restoreOf', { key })}
          onClick={() => restore.start()}
        >
          {t('data.aside.restore')}
        </Button>
      </Group>
      {isAsking && (
        <ConfirmDialog
          title={t('data.aside.purgeTitle', { key })}
          text={t('data.aside.purgeText')}
          action={t('data.aside.purge')}
          change={purge}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  )
}

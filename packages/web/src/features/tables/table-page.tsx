import { ApiError } from '@atrium/client'
import { ActionIcon, Button, Skeleton, Text, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { fieldsOf, gridColumns, tableLabel } from './columns.ts'
import classes from './data.module.css'
import { FilterPanel } from './filters/filter-panel.tsx'
import { Grid } from './grid/grid.tsx'
import type { OpenConflict } from './grid/use-editing.ts'
import { useLiveRows } from './grid/use-live-rows.ts'
import { useMarks } from './grid/use-marks.ts'
import { useRows } from './grid/use-rows.ts'
import { type RowView, schemaQuery } from './queries.ts'
import { MergeDialog } from './rows/merge-dialog.tsx'
import { RowDialog } from './rows/row-dialog.tsx'
import { TableTools } from './table-tools.tsx'
import type { TableSchema } from './types.ts'
import { type DataSearch, nextSort, readDataSearch } from './view-address.ts'

const HistoryDialog = lazy(() =>
  import('./rows/history-dialog.tsx').then((module) => ({ default: module.HistoryDialog })),
)

const DeletedDialog = lazy(() =>
  import('./rows/deleted-dialog.tsx').then((module) => ({ default: module.DeletedDialog })),
)

export function TablePage() {
  const { t } = useTranslation()
  const { table = '' } = useParams({ strict: false })
  const query = useQuery(schemaQuery(table))
  usePageTitle(query.data ? tableLabel(query.data) : t('data.title'))
  if (query.isPending) return <Skeleton m="lg" h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  if (query.error) {
    const isGone = query.error instanceof ApiError && query.error.status === 404
    if (isGone) return <Failure title={t('data.noSuchTable')} text={t('data.noSuchTableText')} />
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  if (!query.data.actions.includes('list')) {
    return <Failure title={tableLabel(query.data)} text={t('data.notListed')} />
  }
  return <Table key={table} schema={query.data} />
}

function Table({ schema }: { schema: TableSchema }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const search = readDataSearch(useSearch({ strict: false }))
  const { filter, sort, q } = search
  const columns = useMemo(() => gridColumns(schema, search.columns), [schema, search.columns])
  const fields = fieldsOf(schema, columns)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a filter is the same when it says the same
  const view: RowView = useMemo(() => ({ filter, sort, search: q, fields }), [JSON.stringify(filter), sort, q, fields])
  const rows = useRows(schema.name, view, schema.key[0])
  const marks = useMarks()
  const live = useLiveRows(schema, view, marks)
  const [opened, setOpened] = useState<{ path?: string; column?: string | undefined }>()
  const [isLookingBack, setLookingBack] = useState(false)
  const [historyOf, setHistoryOf] = useState<string>()
  const [conflict, setConflict] = useState<OpenConflict>()
  const [isFiltering, setFiltering] = useState(filter !== undefined)
  const label = tableLabel(schema)

  const change = (next: Partial<Record<keyof DataSearch, unknown>>) =>
    void navigate({
      to: '/data/$table',
      params: { table: schema.name },
      search: readDataSearch({ ...search, ...next }),
      replace: true,
    })
  const isNarrowed = filter !== undefined || q !== undefined

  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.title}>
          <ActionIcon
            component={Link}
            to="/data"
            variant="subtle"
            color="gray"
            size="lg"
            className={classes.back ?? ''}
            aria-label={t('data.back')}
          >
            <IconArrowLeft size={20} aria-hidden />
          </ActionIcon>
          <Title order={1} size="h2" tabIndex={-1} data-page-heading>
            {label}
          </Title>
          <span className={classes.count} role="status">
            {rows.total !== undefined && t('data.rows', { count: rows.total, shown: rows.total.toLocaleString() })}
          </span>
        </div>
      </header>
      {schema.description && <Text c="dimmed">{schema.description}</Text>}
      <TableTools
        schema={schema}
        search={search}
        onChange={change}
        columns={columns}
        isFiltering={isFiltering}
        onFiltering={setFiltering}
        onNew={() => setOpened({})}
        onDeleted={() => setLookingBack(true)}
        onRenewed={marks.clear}
        isRenewing={rows.isRenewing}
      />
      {isFiltering && (
        <div className={classes.filters}>
          <FilterPanel
            key={schema.name}
            schema={schema}
            filter={filter}
            onChange={(next) => change({ filter: next })}
          />
        </div>
      )}
      {live.waiting > 0 && (
        <Button size="compact-sm" variant="light" className={classes.news ?? ''} onClick={live.show}>
          {t('data.waiting', { count: live.waiting })}
        </Button>
      )}
      {rows.isCut && <Text c="dimmed">{t('data.cut')}</Text>}
      {rows.error ? (
        <Failure title={t('data.notLoaded')} error={rows.error} onRetry={rows.retry}>
          {isNarrowed && (
            <Button variant="default" onClick={() => change({ filter: undefined, q: undefined })}>
              {t('data.all')}
            </Button>
          )}
        </Failure>
      ) : rows.isPending ? (
        <Skeleton flex={1} radius="lg" role="status" aria-label={t('app.loading')} />
      ) : rows.count === 0 ? (
        <div className={classes.empty}>
          <Text fw={650}>{t(isNarrowed ? 'data.noMatch' : 'data.noRows')}</Text>
          {isNarrowed && (
            <Button variant="default" onClick={() => change({ filter: undefined, q: undefined })}>
              {t('data.all')}
            </Button>
          )}
          {!isNarrowed && schema.actions.includes('create') && (
            <Button variant="light" onClick={() => setOpened({})}>
              {t('data.newRow')}
            </Button>
          )}
        </div>
      ) : (
        <Grid
          schema={schema}
          columns={columns}
          rows={rows}
          label={label}
          sort={sort}
          onSort={(column, isMore) => change({ sort: nextSort(sort, column, isMore) })}
          onOpen={(path, column) => setOpened({ path, column })}
          onConflict={setConflict}
          marks={marks}
        />
      )}
      {opened && (
        <RowDialog
          schema={schema}
          path={opened.path}
          column={opened.column}
          onClose={() => setOpened(undefined)}
          onHistory={(path) => {
            setOpened(undefined)
            setHistoryOf(path)
          }}
          onConflict={setConflict}
          onMark={marks.mark}
        />
      )}
      {historyOf !== undefined && (
        <Suspense fallback={null}>
          <HistoryDialog schema={schema} path={historyOf} onClose={() => setHistoryOf(undefined)} onMark={marks.mark} />
        </Suspense>
      )}
      {isLookingBack && (
        <Suspense fallback={null}>
          <DeletedDialog schema={schema} onClose={() => setLookingBack(false)} onMark={marks.mark} />
        </Suspense>
      )}
      {conflict && (
        <MergeDialog
          schema={schema}
          conflict={conflict}
          onClose={() => setConflict(undefined)}
          onSaved={(path) => {
            setConflict(undefined)
            marks.mark(path, 'changed')
          }}
        />
      )}
    </div>
  )
}

import { Button, Modal, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMediaQuery } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { ConfirmDialog } from '../../../app/confirm-dialog.tsx'
import { explainError } from '../../../app/error-words.ts'
import { Failure } from '../../../app/failure.tsx'
import identity from '../../accounts/identity-dialog.module.css'
import { fetchRevisions, fetchRow, isConflict, revertRow } from '../data-api.ts'
import { renewRows, showRow } from '../queries.ts'
import type { Revision, TableSchema } from '../types.ts'
import { HistoryEntry } from './history-entry.tsx'
import { broughtBy, changesBetween } from './row-history.ts'
import classes from './rows.module.css'

interface HistoryDialogProps {
  schema: TableSchema
  path: string
  onClose: () => void
  onMark: (path: string, mark: 'changed') => void
}

const shownAtFirst = 20

/** What a row was like before: who changed what and when, and the way back. */
export function HistoryDialog({ schema, path, onClose, onMark }: HistoryDialogProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const isPhone = useMediaQuery('(max-width: 48em)')
  const [isWhole, setWhole] = useState(false)
  const [chosen, setChosen] = useState<Revision>()
  const query = useQuery({
    queryKey: ['data', 'history', schema.name, path],
    queryFn: async () => {
      const [held, revisions] = await Promise.all([fetchRow(schema.name, path), fetchRevisions(schema.name, path)])
      return { held, revisions }
    },
    gcTime: 0,
    retry: false,
  })
  const restore = useMutation({
    mutationFn: ({ rev }: Revision) => revertRow(schema.name, path, query.data?.held.etag ?? '', rev),
    onSuccess: (row) => {
      announce(t('data.history.restored'))
      showRow(cache, schema.name, schema.key, row)
      void renewRows(cache, schema.name)
      onMark(path, 'changed')
      onClose()
    },
    // What it would be put back from is another state now: that is shown first.
    onError: (error) => (isConflict(error) ? query.refetch() : undefined),
  })
  const { held, revisions = [] } = query.data ?? {}
  const mayUpdate = schema.actions.includes('update')
  const shown = isWhole ? revisions : revisions.slice(0, shownAtFirst)
  const key = decodeURIComponent(path)
  const back = chosen && held ? changesBetween(held.row, chosen.record, schema.columns) : []
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={isPhone ?? false}
      title={t('data.history.title', { key })}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {query.isPending && <Skeleton h={240} role="status" aria-label={t('app.loading')} />}
      {query.error && (
        <Failure title={t('data.history.failed')} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && revisions.length === 0 && (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('data.history.none')}
        </Text>
      )}
      {query.data && revisions.length > 0 && (
        <Stack>
          <ol className={classes.history} aria-label={t('data.history.title', { key })}>
            {shown.map((revision, index) => (
              <HistoryEntry
                key={revision.rev}
                revision={revision}
                changes={broughtBy(revisions, index, schema.columns)}
                {...(mayUpdate && held && changesBetween(held.row, revision.record, schema.columns).length > 0
                  ? { onRestore: () => setChosen(revision) }
                  : {})}
              />
            ))}
          </ol>
          {shown.length < revisions.length && (
            <Button variant="default" onClick={() => setWhole(true)}>
              {t('data.history.more', { count: revisions.length - shown.length })}
            </Button>
          )}
        </Stack>
      )}
      {chosen && (
        <ConfirmDialog
          title={t('data.history.restoreTitle')}
          text={t('data.history.restoreText', { fields: back.map(({ column }) => column.name).join(', ') })}
          action={t('data.history.restore')}
          isMild
          change={{
            start: () => restore.mutate(chosen),
            isPending: restore.isPending,
            failure: restore.error
              ? t(isConflict(restore.error) ? 'data.history.changed' : 'data.history.refused', {
                  reason: explainError(restore.error, t),
                })
              : undefined,
            forget: restore.reset,
          }}
          onClose={() => setChosen(undefined)}
        />
      )}
    </Modal>
  )
}

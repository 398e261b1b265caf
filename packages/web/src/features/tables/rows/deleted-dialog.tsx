import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMediaQuery } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { client } from '../../../app/client.ts'
import { ConfirmDialog } from '../../../app/confirm-dialog.tsx'
import { Failure } from '../../../app/failure.tsx'
import identity from '../../accounts/identity-dialog.module.css'
import { useGuarded } from '../../accounts/use-guarded.ts'
import type { TableSchema } from '../types.ts'
import { DeletedEntry } from './deleted-entry.tsx'
import classes from './rows.module.css'

interface DeletedDialogProps {
  schema: TableSchema
  onClose: () => void
  onMark: (path: string, mark: 'new') => void
}

/** Rows that were set aside when they were deleted: back into the table, or gone for good. */
export function DeletedDialog({ schema, onClose, onMark }: DeletedDialogProps) {
  const { t } = useTranslation()
  const isPhone = useMediaQuery('(max-width: 48em)')
  const [isAsking, setAsking] = useState(false)
  const queryKey = ['data', 'deleted', schema.name]
  const params = { path: { table: schema.name } }
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) =>
      client.api.GET('/api/v1/admin/data/tables/{table}/deleted', {
        params: { ...params, query: pageParam ? { cursor: pageParam } : {} },
        // With all their digits.
        headers: { prefer: 'numbers=string' },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    gcTime: 0,
    retry: false,
  })
  const purgeAll = useGuarded({
    run: () => client.api.DELETE('/api/v1/admin/data/tables/{table}/deleted', { params: { ...params, query: {} } }),
    renews: [queryKey],
    onDone: () => {
      setAsking(false)
      announce(t('data.aside.purgedAll'))
    },
  })
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={isPhone ?? false}
      title={t('data.aside.title')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {query.isPending && <Skeleton h={240} role="status" aria-label={t('app.loading')} />}
      {query.error && (
        <Failure title={t('data.aside.failed')} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && rows.length === 0 && (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('data.aside.none')}
        </Text>
      )}
      {rows.length > 0 && (
        <Stack>
          <Group justify="space-between" gap="sm">
            <Text c="dimmed">{t('data.aside.text')}</Text>
            <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsking(true)}>
              {t('data.aside.purgeAll')}
            </Button>
          </Group>
          <ol className={classes.history} aria-label={t('data.aside.title')}>
            {rows.map((row) => (
              <DeletedEntry key={row.key} row={row} schema={schema} queryKey={queryKey} onMark={onMark} />
            ))}
          </ol>
          {query.hasNextPage && (
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('app.more')}
            </Button>
          )}
        </Stack>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t('data.aside.purgeAllTitle')}
          text={t('data.aside.purgeText')}
          action={t('data.aside.purgeAll')}
          change={purgeAll}
          onClose={() => setAsking(false)}
        />
      )}
    </Modal>
  )
}

import type { FileList } from '@atrium/client'
import { Button, FileButton, Text, Title } from '@mantine/core'
import { IconFiles, IconUpload } from '@tabler/icons-react'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { type DragEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { Failure } from '../../app/failure.tsx'
import { ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { sizeText } from './file-kinds.ts'
import { FileRow } from './file-row.tsx'
import classes from './files.module.css'
import { filesQuery } from './files-query.ts'
import { UploadRow } from './upload-row.tsx'
import { useUploads } from './use-uploads.ts'

export function FilesPage() {
  const { t } = useTranslation()
  const query = useInfiniteQuery(filesQuery)
  const cache = useQueryClient()
  useEffect(() => client.live.on('file.ready', () => void cache.invalidateQueries(filesQuery)), [cache])
  const { uploads, add, dismiss } = useUploads()
  const [isOver, setOver] = useState(false)
  usePageTitle(t('library.title'))
  const files = query.data?.pages.flatMap(({ data }) => data)
  const usage = query.data?.pages[0]?.usage

  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    add([...event.dataTransfer.files])
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same for who drags nothing
    <div
      className={classes.page}
      data-over={isOver || undefined}
      onDragOver={over}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDrop={drop}
    >
      <header className={classes.header}>
        <div>
          <Title order={1} tabIndex={-1} data-page-heading>
            {t('library.title')}
          </Title>
          <Text c="dimmed">{t('library.text')}</Text>
        </div>
        <FileButton multiple onChange={add} inputProps={{ 'aria-label': t('library.upload'), tabIndex: -1 }}>
          {(props) => (
            <Button {...props} leftSection={<IconUpload size={18} stroke={2} aria-hidden />}>
              {t('library.upload')}
            </Button>
          )}
        </FileButton>
      </header>
      <p className={classes.hint}>{isOver ? t('library.dropNow') : t('library.drop')}</p>
      {usage && <Room usage={usage} />}
      {uploads.length > 0 && (
        <section className={classes.card}>
          <ItemList label={t('library.uploads')}>
            {uploads.map((upload) => (
              <UploadRow key={upload.key} upload={upload} onDismiss={() => dismiss(upload.key)} />
            ))}
          </ItemList>
        </section>
      )}
      {query.isPending && <ItemsLoading count={3} />}
      {query.isError && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
      {files?.length === 0 && uploads.length === 0 && (
        <div className={classes.empty}>
          <IconFiles size={36} stroke={1.4} aria-hidden />
          <Text fw={650}>{t('library.emptyTitle')}</Text>
          <Text c="dimmed">{t('library.emptyText')}</Text>
        </div>
      )}
      {files && files.length > 0 && (
        <section className={classes.card}>
          <ItemList label={t('library.list')}>
            {files.map((file) => (
              <FileRow key={file.id} file={file} />
            ))}
          </ItemList>
        </section>
      )}
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('app.more')}
        </Button>
      )}
    </div>
  )
}

function Room({ usage: { bytes, quota_bytes } }: Pick<FileList, 'usage'>) {
  const { t, i18n } = useTranslation()
  const used = sizeText(bytes, i18n.language)
  if (quota_bytes === null) return <p className={classes.hint}>{t('library.roomOpen', { used })}</p>
  const quota = sizeText(quota_bytes, i18n.language)
  return (
    <div className={classes.room}>
      <progress className={classes.progress} value={bytes} max={quota_bytes} aria-label={t('library.roomLabel')} />
      <span className={classes.hint}>{t('library.room', { used, quota })}</span>
    </div>
  )
}

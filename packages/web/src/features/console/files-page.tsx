import { Anchor, NativeSelect, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import admin from '../admin/admin.module.css'
import { PagedList } from '../admin/paged-list.tsx'
import { type AdminFile, AdminFileRow } from './admin-file-row.tsx'
import { FileUsage } from './file-usage.tsx'
import classes from './files.module.css'
import { useAdminNews } from './use-admin-news.ts'

/** News tell of what was removed; what has come is found by looking again. */
const againMs = 30_000
const kinds = ['image', 'video', 'audio', 'text', 'other'] as const
const visibilities = ['private', 'public'] as const
const sizes = [1_000_000, 10_000_000, 100_000_000] as const
const orders = ['-created_at', '-size'] as const

const chosen = <T extends string>(values: readonly T[], value: string): T | undefined =>
  values.find((each) => each === value)

export function AdminFilesPage() {
  const { t } = useTranslation()
  const { userId: ownerId } = useParams({ strict: false })
  const [owner, setOwner] = useState('')
  const [name, setName] = useState('')
  const [kind, setKind] = useState('')
  const [visibility, setVisibility] = useState('')
  const [size, setSize] = useState('')
  const [order, setOrder] = useState('')
  usePageTitle(t('admin.files'))
  useAdminNews('files')
  const [typed] = useDebouncedValue({ owner: owner.trim(), name: name.trim() }, 300)
  const [ofKind, seenBy, sort] = [chosen(kinds, kind), chosen(visibilities, visibility), chosen(orders, order)]
  const filter = {
    ...(ownerId ? { owner_id: ownerId } : {}),
    ...(typed.owner && !ownerId ? { owner: typed.owner } : {}),
    ...(typed.name ? { name: typed.name } : {}),
    ...(ofKind ? { kind: ofKind } : {}),
    ...(seenBy ? { visibility: seenBy } : {}),
    ...(size ? { min_size: Number(size) } : {}),
  }
  const isFiltered = Object.keys(filter).length > 0
  const query = { ...filter, ...(sort ? { sort } : {}) }
  return (
    <>
      <Text c="dimmed" mb="md" maw={620}>
        {t('adminFiles.text')}
      </Text>
      {!ownerId && <FileUsage />}
      {ownerId && (
        <Text mb="md">
          {t('adminFiles.ofOne')}{' '}
          <Anchor component={Link} to="/admin/files">
            {t('adminFiles.everybody')}
          </Anchor>
        </Text>
      )}
      <div className={`${admin.filters} ${classes.filters}`}>
        {!ownerId && (
          <TextInput
            label={t('adminFiles.owner')}
            placeholder={t('adminFiles.ownerHint')}
            value={owner}
            maxLength={200}
            onChange={(event) => setOwner(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t('adminFiles.name')}
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          size="md"
          label={t('adminFiles.kind')}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={[
            { value: '', label: t('adminFiles.anyKind') },
            ...kinds.map((value) => ({ value, label: t(`adminFiles.kinds.${value}`) })),
          ]}
        />
        <NativeSelect
          size="md"
          label={t('adminFiles.seenBy')}
          value={visibility}
          onChange={(event) => setVisibility(event.currentTarget.value)}
          data={[
            { value: '', label: t('adminFiles.anybody') },
            ...visibilities.map((value) => ({ value, label: t(`adminFiles.visibility.${value}`) })),
          ]}
        />
        <NativeSelect
          size="md"
          label={t('adminFiles.size')}
          value={size}
          onChange={(event) => setSize(event.currentTarget.value)}
          data={[
            { value: '', label: t('adminFiles.anySize') },
            ...sizes.map((bytes) => ({
              value: String(bytes),
              label: t('adminFiles.atLeast', { count: bytes / 1_000_000 }),
            })),
          ]}
        />
        <NativeSelect
          size="md"
          label={t('adminFiles.order')}
          value={order}
          onChange={(event) => setOrder(event.currentTarget.value)}
          data={orders.map((value) => ({
            value,
            label: t(value === '-size' ? 'adminFiles.largest' : 'adminFiles.newest'),
          }))}
        />
      </div>
      <PagedList
        queryKey={['admin', 'files', query]}
        refetchInterval={againMs}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/files', { params: { query: { ...query, ...(cursor ? { cursor } : {}) } } })
        }
        label={t('admin.files')}
        empty={isFiltered ? t('adminFiles.none') : t('adminFiles.noneAtAll')}
      >
        {(file: AdminFile) => <AdminFileRow file={file} />}
      </PagedList>
    </>
  )
}

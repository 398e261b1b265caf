import { ApiError, type StoredFile } from '@atrium/client'
import { ActionIcon, Menu } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { Item } from '../../app/item-list.tsx'
import { useDates } from '../../app/use-dates.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import { iconOf, sizeText } from './file-kinds.ts'
import { filesQuery } from './files-query.ts'
import { RenameDialog } from './rename-dialog.tsx'

const weekSeconds = 604_800

export function FileRow({ file }: { file: StoredFile }) {
  const { t, i18n } = useTranslation()
  const dates = useDates()
  const [asking, setAsking] = useState<'rename' | 'delete'>()
  const { id, name, size, visibility, created_at, content_type, url } = file
  const renews = [filesQuery.queryKey]
  const isPublic = visibility === 'public'

  const share = useGuarded({
    run: () => client.files.update(id, { visibility: isPublic ? 'private' : 'public' }),
    renews,
    onDone: () => announce(t(isPublic ? 'library.nowPrivate' : 'library.nowPublic', { name })),
  })
  const copy = useGuarded({
    run: async () => {
      const link = isPublic ? new URL(url, location.href).href : (await client.files.link(id, weekSeconds)).url
      await navigator.clipboard.writeText(link)
    },
    onDone: () => announce(t('library.copied')),
  })
  const remove = useGuarded({
    run: () => client.files.delete(id),
    renews,
    onDone: () => announce(t('library.deleted', { name })),
    explain: (error) => (error instanceof ApiError && error.code === 'state_conflict' ? t('library.inUse') : undefined),
  })
  const close = () => setAsking(undefined)

  return (
    <>
      <Item
        testId="file"
        icon={iconOf(content_type)}
        picture={file.width === undefined ? undefined : `${url}?w=128&h=128`}
        title={name}
        badge={isPublic ? { text: t('library.public') } : undefined}
        details={[`${sizeText(size, i18n.language)} · ${dates.date(new Date(created_at))}`]}
        failure={share.failure ?? copy.failure}
        hasSmallActions
        actions={
          <Menu position="bottom-end" radius="lg" shadow="md" withinPortal>
            <Menu.Target>
              <ActionIcon variant="default" size={40} radius="xl" aria-label={t('library.menu', { name })}>
                <IconDots size={20} stroke={1.75} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item component="a" href={`${url}?download=true`} download={name}>
                {t('library.download')}
              </Menu.Item>
              {navigator.clipboard && (
                <Menu.Item onClick={() => copy.start()}>
                  {t(isPublic ? 'library.copyLink' : 'library.copyLinkWeek')}
                </Menu.Item>
              )}
              <Menu.Item onClick={() => share.start()}>
                {t(isPublic ? 'library.makePrivate' : 'library.makePublic')}
              </Menu.Item>
              <Menu.Item onClick={() => setAsking('rename')}>{t('library.rename')}</Menu.Item>
              <Menu.Item c="var(--danger-text)" onClick={() => setAsking('delete')}>
                {t('library.deleteItem')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        }
      />
      {asking === 'rename' && <RenameDialog file={file} onClose={close} />}
      {asking === 'delete' && (
        <ConfirmDialog
          title={t('library.deleteTitle', { name })}
          text={t('library.deleteText')}
          action={t('library.delete')}
          change={remove}
          onClose={close}
        />
      )}
    </>
  )
}

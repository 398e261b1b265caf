import { Button, Group, Modal, Text } from '@mantine/core'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { PagedList } from '../admin/paged-list.tsx'
import { may } from '../admin/rights.ts'
import { AnnouncementForm, type AnnouncementItem } from './announcement-form.tsx'
import classes from './console.module.css'

export function AnnouncementsPage() {
  const { t } = useTranslation()
  const me = useUser()
  const [edited, setEdited] = useState<AnnouncementItem | 'new'>()
  usePageTitle(t('admin.announcements'))
  const close = () => setEdited(undefined)
  return (
    <>
      <Group justify="space-between" align="flex-start" mb="md">
        <Text c="dimmed" maw={620}>
          {t('announcements.text')}
        </Text>
        {may(me, 'announcements:update') && <Button onClick={() => setEdited('new')}>{t('announcements.add')}</Button>}
      </Group>
      <PagedList
        queryKey={['admin', 'announcements']}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/announcements', { params: { query: cursor ? { cursor } : {} } })
        }
        refetchInterval={60_000}
        label={t('admin.announcements')}
        empty={t('announcements.none')}
      >
        {(item: AnnouncementItem) => <AnnouncementRow item={item} onEdit={() => setEdited(item)} />}
      </PagedList>
      <Modal
        opened={edited !== undefined}
        onClose={close}
        title={edited === 'new' ? t('announcements.add') : t('announcements.edit')}
        closeButtonProps={{ 'aria-label': t('app.close') }}
        radius="lg"
        centered
      >
        {edited && <AnnouncementForm known={edited === 'new' ? undefined : edited} onDone={close} />}
      </Modal>
    </>
  )
}

function AnnouncementRow({ item, onEdit }: { item: AnnouncementItem; onEdit: () => void }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const remove = useMutation({
    mutationFn: () =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/admin/announcements/{id}', { params: { path: { id: item.id } } })
        return true
      }),
    onSuccess: (isDone) => isDone && announce(t('announcements.removed')),
    onSettled: () => cache.invalidateQueries({ queryKey: ['admin', 'announcements'] }),
  })
  const from = dates.full(new Date(item.starts_at))
  const until = item.ends_at ? dates.full(new Date(item.ends_at)) : undefined
  const short = item.text.slice(0, 40)
  return (
    <div className={`${admin.row} ${classes.row}`}>
      <div className={admin.names}>
        <span>{item.text}</span>
      </div>
      <div className={`${admin.quiet} ${admin.middle}`}>
        <span className={`${admin.badge} ${item.state === 'shown' ? admin.good : ''}`}>
          {t(`announcements.state.${item.state}`)}
        </span>{' '}
        <span className={`${admin.badge} ${item.level === 'critical' ? admin.bad : ''}`}>
          {t(`announcements.level.${item.level}`)}
        </span>
        <div>
          {from} – {until ?? t('announcements.openEnd')}
        </div>
        {remove.error && (
          <span className={classes.bad} role="alert">
            {explainError(remove.error, t)}
          </span>
        )}
      </div>
      {may(me, 'announcements:update') ? (
        <div className={classes.buttons}>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t('announcements.changeLabel', { text: short })}
            onClick={onEdit}
          >
            {t('announcements.change')}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            loading={remove.isPending}
            aria-label={t('announcements.removeLabel', { text: short })}
            onClick={() => remove.mutate()}
          >
            {t('announcements.remove')}
          </Button>
        </div>
      ) : (
        <span />
      )}
    </div>
  )
}

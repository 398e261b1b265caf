import { ActionIcon, Button, Text, Title } from '@mantine/core'
import { IconSettings } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chips } from '../../app/chips.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { NotificationList } from './notification-list.tsx'
import classes from './notifications.module.css'
import { unreadCountQuery } from './queries.ts'
import { useNotificationActions } from './use-notification-actions.ts'

export function NotificationsPage() {
  const { t } = useTranslation()
  const [filter, setFilter] = useState<'all' | 'unread'>('all')
  const actions = useNotificationActions()
  const unread = useQuery(unreadCountQuery).data?.unread_count ?? 0
  usePageTitle(t('notices.title'))
  return (
    <div className={classes.page}>
      <header className={classes.pageHeader}>
        <div>
          <Title order={1} tabIndex={-1} data-page-heading>
            {t('notices.title')}
          </Title>
          <Text c="dimmed">{unread > 0 ? t('notices.unread', { count: unread }) : t('notices.text')}</Text>
        </div>
        <ActionIcon
          component={Link}
          to="/account/notifications"
          variant="default"
          size={40}
          radius="xl"
          aria-label={t('notices.settings')}
        >
          <IconSettings size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.filters}>
        <Chips
          label={t('notices.show')}
          value={filter}
          onChange={setFilter}
          choices={[
            { value: 'all', label: t('notices.all') },
            { value: 'unread', label: t('notices.unreadOnly') },
          ]}
        />
        <span className={classes.spring} />
        {unread > 0 && (
          <Button
            variant="subtle"
            size="compact-md"
            loading={actions.markAll.isPending}
            onClick={() => actions.markAll.mutate()}
          >
            {t('notices.markAll')}
          </Button>
        )}
      </div>
      <div className={classes.card}>
        <NotificationList unreadOnly={filter === 'unread'} actions={actions} />
      </div>
    </div>
  )
}

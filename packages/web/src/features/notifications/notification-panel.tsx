import { ActionIcon, Button, Title } from '@mantine/core'
import { IconSettings } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { NotificationList } from './notification-list.tsx'
import classes from './notifications.module.css'
import { useNotificationActions } from './use-notification-actions.ts'

/** What the bell opens where there is room beside the page. */
export function NotificationPanel({ unread, onClose }: { unread: number; onClose: () => void }) {
  const { t } = useTranslation()
  const actions = useNotificationActions(onClose)
  return (
    <section className={classes.panel} aria-labelledby="notices-title">
      <header className={classes.panelHeader}>
        <Title order={2} id="notices-title" fz={19} tabIndex={-1} data-autofocus>
          {t('notices.title')}
        </Title>
        <span className={classes.spring} />
        {unread > 0 && (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={actions.markAll.isPending}
            onClick={() => actions.markAll.mutate()}
          >
            {t('notices.markAll')}
          </Button>
        )}
        <ActionIcon
          component={Link}
          to="/account/notifications"
          variant="subtle"
          color="gray"
          size={36}
          radius="xl"
          aria-label={t('notices.settings')}
          onClick={onClose}
        >
          <IconSettings size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.panelList}>
        <NotificationList unreadOnly={false} actions={actions} />
      </div>
      <footer className={classes.panelFooter}>
        <Link to="/notifications" className={classes.all ?? ''} onClick={onClose}>
          {t('notices.seeAll')}
        </Link>
      </footer>
    </section>
  )
}

import { Popover } from '@mantine/core'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { useMediaQuery } from '@mantine/hooks'
import { IconBell } from '@tabler/icons-react'
import { useLocation } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import navigation from '../../app/navigation.module.css'
import { NavigationLink, NavigationMark } from '../../app/navigation-item.tsx'
import { piece } from '../../app/piece.ts'

const Panel = piece('notices', async () => (await import('./notification-panel.tsx')).NotificationPanel)

/** A panel beside the page where there is room, a page of its own on a phone. */
export function NotificationBell({ unread }: { unread: number }) {
  const { t } = useTranslation()
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false })
  const { pathname } = useLocation()
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  const words = unread > 0 ? t('navigation.unreadNotices', { count: unread }) : undefined
  const item = { label: t('navigation.notices'), Icon: IconBell, count: unread, countLabel: words }
  if (isNarrow || pathname === '/notifications') return <NavigationLink to="/notifications" {...item} />
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="right-start"
      offset={14}
      radius="lg"
      shadow="lg"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <button
          type="button"
          className={navigation.item ?? ''}
          aria-expanded={isOpen}
          data-open={isOpen || undefined}
          onClick={() => setOpen(!isOpen)}
        >
          <NavigationMark {...item} />
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('navigation.notices')}>
        {isOpen && (
          <Suspense fallback={<div style={{ width: '27rem', height: '8rem' }} />}>
            <Panel unread={unread} onClose={close} />
          </Suspense>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}

import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import tabs from '../../app/section-tabs.module.css'
import { usePresentInSight } from '../../app/section-tabs.tsx'
import { useUser } from '../../app/session.ts'
import classes from './admin-navigation.module.css'
import { adminGroups, adminPages, may } from './rights.ts'

/** The pages of the administration: beside the page where there is room, a bar above it where there is not. */
export function AdminNavigation() {
  const { t } = useTranslation()
  const me = useUser()
  const bar = usePresentInSight()
  const mine = adminPages.filter(({ permission }) => may(me, permission))
  const groups = adminGroups
    .map((group) => ({ group, pages: mine.filter((page) => page.group === group) }))
    .filter(({ pages }) => pages.length > 0)
  return (
    <nav ref={bar} className={`${tabs.sections} ${classes.navigation}`} aria-label={t('admin.sections')}>
      {groups.map(({ group, pages }) => (
        <div key={group} className={classes.group}>
          {group !== 'start' && <p className={classes.heading}>{t(`admin.group.${group}`)}</p>}
          {pages.map(({ to, label }) => (
            <Link key={to} to={to} className={`${tabs.section} ${classes.link}`}>
              {t(`admin.${label}`)}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  )
}

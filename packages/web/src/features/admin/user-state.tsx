import { useTranslation } from 'react-i18next'
import classes from './admin.module.css'
import type { AdminUser } from './queries.ts'

const known = ['active', 'pending', 'suspended', 'deactivated', 'deletion_pending', 'deleted'] as const

export function UserState({ user }: { user: Pick<AdminUser, 'status' | 'locked_until'> }) {
  const { t } = useTranslation()
  const status = known.find((name) => name === user.status) ?? 'active'
  const isLocked = user.locked_until !== null && status === 'active'
  const tone = isLocked || status === 'suspended' ? classes.bad : status === 'active' ? classes.good : ''
  return <span className={`${classes.badge} ${tone ?? ''}`}>{t(`users.state.${isLocked ? 'locked' : status}`)}</span>
}

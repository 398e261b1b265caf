import { Button, type ButtonProps, Skeleton, Stack } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './item-list.module.css'

export function ItemList({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {children}
    </ul>
  )
}

interface ItemProps {
  icon: Icon
  /** Shown instead of the sign, once it has come; the title says what it is. */
  picture?: string | undefined
  title: string
  badge?: { text: string; isWarning?: boolean } | undefined
  /** Lines below the title; empty ones are left out. */
  details: readonly (string | undefined)[]
  failure?: string | undefined
  actions?: ReactNode
  /** They stay beside the rest also on a phone. */
  hasSmallActions?: boolean
  testId?: string
}

/** One thing of a list: what it is, what is known of it, what can be done with it. */
export function Item({
  icon: Sign,
  picture,
  title,
  badge,
  details,
  failure,
  actions,
  hasSmallActions,
  testId,
}: ItemProps) {
  return (
    <li className={classes.row} data-testid={testId}>
      <span className={classes.icon}>
        {picture ? (
          <img className={classes.picture} src={picture} alt="" loading="lazy" decoding="async" />
        ) : (
          <Sign size={22} stroke={1.6} aria-hidden />
        )}
      </span>
      <div className={classes.about}>
        <p className={classes.title}>
          {title}
          {badge && (
            <span className={badge.isWarning ? `${classes.badge} ${classes.warning}` : classes.badge}>
              {badge.text}
            </span>
          )}
        </p>
        {details
          .filter((line) => line !== undefined)
          .map((line) => (
            <p key={line} className={classes.detail}>
              {line}
            </p>
          ))}
        {failure && (
          <p className={classes.failure} role="alert">
            {failure}
          </p>
        )}
      </div>
      {actions && (
        <div className={hasSmallActions ? `${classes.actions} ${classes.small}` : classes.actions}>{actions}</div>
      )}
    </li>
  )
}

interface ItemActionProps extends ButtonProps {
  /** For people who hear it without the row around it. */
  label: string
  isDanger?: boolean
  onClick: () => void
}

export const ItemAction = ({ label, isDanger, ...button }: ItemActionProps) => (
  <Button
    variant="default"
    size="sm"
    aria-label={label}
    {...(isDanger ? { className: classes.danger ?? '' } : {})}
    {...button}
  />
)

export function ItemsLoading({ count = 2 }: { count?: number }) {
  const { t } = useTranslation()
  return (
    <Stack gap="lg" role="status" aria-label={t('app.loading')}>
      {Array.from({ length: count }, (_, index) => index).map((index) => (
        <Skeleton key={index} h={44} />
      ))}
    </Stack>
  )
}

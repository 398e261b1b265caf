import { VisuallyHidden } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import classes from './navigation.module.css'

interface NavigationMarkProps {
  label: string
  Icon: Icon
  count: number
  /** What the count means, for those who do not see the badge. */
  countLabel?: string | undefined
  testId?: string
}

export function NavigationMark({ label, Icon, count, countLabel, testId }: NavigationMarkProps) {
  return (
    <>
      <span className={classes.icon}>
        <Icon size={24} stroke={1.6} aria-hidden />
        {count > 0 && (
          <span className={classes.badge} data-testid={testId}>
            <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
          </span>
        )}
      </span>
      <span className={classes.label}>{label}</span>
      {countLabel && <VisuallyHidden>, {countLabel}</VisuallyHidden>}
    </>
  )
}

export function NavigationLink({ to, ...mark }: NavigationMarkProps & { to: NonNullable<LinkProps['to']> }) {
  return (
    <Link to={to} className={classes.item ?? ''} activeOptions={{ exact: false }}>
      <NavigationMark {...mark} />
    </Link>
  )
}

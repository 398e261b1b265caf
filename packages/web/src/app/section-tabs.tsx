import { Group } from '@mantine/core'
import { Link, type LinkProps, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import classes from './section-tabs.module.css'

export interface Section {
  to: NonNullable<LinkProps['to']>
  label: string
  count?: number
  /** Its address begins those of the other sections. */
  exact?: boolean
}

/** Where the links of a bar do not all fit, the one of the present page is scrolled to. */
export function usePresentInSight() {
  const bar = useRef<HTMLDivElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path says which one is the present one
  useEffect(() => {
    const list = bar.current
    const link = list?.querySelector<HTMLElement>('[aria-current="page"]')
    // Not scrollIntoView, which would also move the page.
    if (!list || !link) return
    list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2
    list.scrollTop = link.offsetTop - (list.clientHeight - link.offsetHeight) / 2
  }, [path])
  return bar
}

/** The pages below one heading. Where they do not all fit, an edge fades out. */
export function SectionTabs({ label, sections }: { label: string; sections: readonly Section[] }) {
  const bar = usePresentInSight()
  return (
    <Group ref={bar} component="nav" className={classes.sections ?? ''} aria-label={label}>
      {sections.map(({ to, label, count = 0, exact = false }) => (
        <Link key={to} to={to} className={classes.section ?? ''} activeOptions={{ exact }}>
          {label}
          {count > 0 && <span className={classes.count}>{count}</span>}
        </Link>
      ))}
    </Group>
  )
}

import type { List, PublicUser } from '@atrium/client'
import { Button, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { PresenceFace } from '../presence/presence-face.tsx'
import classes from './people.module.css'
import { personName } from './person.ts'

interface PersonListProps<Item> {
  query: UseInfiniteQueryResult<InfiniteData<List<Item>>>
  label: string
  empty: ReactNode
  children: (item: Item) => ReactNode
}

/** A list of people: while it loads, when it fails, when it is empty, and when it is long. */
export function PersonList<Item extends { user: PublicUser }>({
  query,
  label,
  empty,
  children,
}: PersonListProps<Item>) {
  const { t } = useTranslation()
  if (query.isPending) {
    return (
      <Stack gap="md" mt="md" role="status" aria-label={t('app.loading')}>
        {[52, 44, 60].map((width) => (
          <div key={width} className={classes.row}>
            <Skeleton circle h={46} w={46} />
            <Skeleton h={13} w={`${width}%`} />
          </div>
        ))}
      </Stack>
    )
  }
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const items = query.data.pages.flatMap(({ data }) => data)
  if (items.length === 0) return empty
  return (
    <>
      <ul className={classes.list} aria-label={label}>
        {items.map((item) => (
          <li key={item.user.id}>{children(item)}</li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

interface PersonRowProps {
  person: PublicUser
  detail?: ReactNode
  children?: ReactNode
}

/** Who it is, which leads to their profile, and what can be done. */
export function PersonRow({ person, detail, children }: PersonRowProps) {
  return (
    <div className={classes.row} data-testid="person">
      <Link to="/people/$name" params={{ name: `@${person.username}` }} className={classes.who ?? ''}>
        <PresenceFace person={person} size={46} />
        <span className={classes.about}>
          <span className={classes.name}>
            {personName(person)} <span>@{person.username}</span>
          </span>
          {detail && <span className={classes.bio}>{detail}</span>}
        </span>
      </Link>
      <div className={classes.actions}>{children}</div>
    </div>
  )
}

interface EmptyProps {
  title: string
  text?: string
  children?: ReactNode
}

export function EmptyPeople({ title, text, children }: EmptyProps) {
  return (
    <Stack align="center" gap="xs" ta="center" px="xl" py={56}>
      <Text fw={650} size="lg">
        {title}
      </Text>
      {text && (
        <Text c="dimmed" maw={380}>
          {text}
        </Text>
      )}
      {children}
    </Stack>
  )
}

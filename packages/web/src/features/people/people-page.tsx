import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { SectionTabs } from '../../app/section-tabs.tsx'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import classes from './people.module.css'
import { requestCountQuery } from './queries.ts'

export function PeoplePage() {
  const { t } = useTranslation()
  const me = useUser()
  const hasFriends = may(me, 'friends:read')
  const waiting = useQuery({ ...requestCountQuery, enabled: hasFriends }).data?.incoming ?? 0
  usePageTitle(t('people.title'))
  const sections = [
    { to: '/people', label: t('friends.find'), exact: true },
    { to: '/people/friends', label: t('friends.friends') },
    { to: '/people/requests', label: t('friends.requests'), count: waiting },
    { to: '/people/blocked', label: t('friends.blocked') },
  ] as const
  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('people.title')}
      </Title>
      <Text c="dimmed" mt={2}>
        {t('people.text')}
      </Text>
      {hasFriends && <SectionTabs label={t('friends.sections')} sections={sections} />}
      <Outlet />
    </div>
  )
}

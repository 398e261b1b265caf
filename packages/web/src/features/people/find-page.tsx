import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import classes from './people.module.css'
import { PeopleSearch } from './people-search.tsx'
import { requestCountQuery } from './queries.ts'

export function FindPage() {
  const { t } = useTranslation()
  const me = useUser()
  const waiting = useQuery({ ...requestCountQuery, enabled: may(me, 'friends:read') }).data?.incoming ?? 0
  return (
    <>
      {waiting > 0 && (
        <p className={classes.waiting}>
          {t('friends.waiting', { count: waiting })} <Link to="/people/requests">{t('friends.look')}</Link>
        </p>
      )}
      <PeopleSearch />
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { sizeText } from '../files/file-kinds.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './files.module.css'

const shown = 4

const usageQuery = {
  queryKey: ['admin', 'files', 'usage'],
  queryFn: async () =>
    (await client.api.GET('/api/v1/admin/files/usage', { params: { query: { limit: shown } } })).data,
  refetchInterval: 60_000,
}

/** Who takes the most room; nothing while nobody takes any. The list below says what could not be read. */
export function FileUsage() {
  const { t, i18n } = useTranslation()
  const { data: owners = [] } = useQuery(usageQuery)
  const most = owners[0]?.bytes ?? 0
  if (most === 0) return null
  return (
    <section className={classes.usage} aria-label={t('adminFiles.usage')}>
      <p className={classes.heading}>{t('adminFiles.usage')}</p>
      <ul>
        {owners.map(({ owner, owner_id, bytes, files }) => {
          const name = owner ? personName(owner) : t('adminFiles.gone')
          return (
            <li key={owner_id}>
              <Link to="/admin/files/$userId" params={{ userId: owner_id }} className={classes.owner ?? ''}>
                {owner && <PersonAvatar person={owner} size={28} />}
                <span className={classes.ownerName}>{name}</span>
                <span className={classes.taken}>
                  {sizeText(bytes, i18n.language)} · {t('adminFiles.files', { count: files })}
                </span>
                <progress className={classes.bar} value={bytes} max={most} aria-hidden="true" />
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

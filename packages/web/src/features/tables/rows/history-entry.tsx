import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { useUser } from '../../../app/session.ts'
import { useDates, useNow } from '../../../app/use-dates.ts'
import type { Revision } from '../types.ts'
import { useSayValue } from '../values/value-text.ts'
import type { FieldChange } from './row-history.ts'
import classes from './rows.module.css'

interface HistoryEntryProps {
  revision: Revision
  changes: readonly FieldChange[]
  /** Absent where there is nothing to bring back, or no right to. */
  onRestore?: () => void
}

const said = ['found', 'insert', 'update', 'delete'] as const

export function HistoryEntry({ revision, changes, onRestore }: HistoryEntryProps) {
  const { t } = useTranslation()
  const say = useSayValue()
  const dates = useDates()
  const now = useNow()
  const who = useWho(revision.changed_by)
  const at = new Date(revision.created_at)
  const action = said.find((each) => each === revision.action) ?? 'update'
  const isChange = action === 'update'
  return (
    <li className={classes.entry}>
      <div className={classes.entryHead}>
        <div>
          <strong>{t(`data.history.${action}`)}</strong>
          <span className={classes.when}>
            {who && ` ${t('data.history.by', { who })}`} ·{' '}
            <time dateTime={revision.created_at} title={dates.full(at)}>
              {dates.ago(at, now)}
            </time>
          </span>
        </div>
        {onRestore && (
          <Button
            size="compact-sm"
            variant="light"
            aria-label={t('data.history.restoreOf', { when: dates.full(at) })}
            onClick={onRestore}
          >
            {t('data.history.restore')}
          </Button>
        )}
      </div>
      <dl className={classes.changes}>
        {changes.map(({ column, before, after }) => (
          <div key={column.name} className={classes.changed}>
            <dt>{column.name}</dt>
            <dd>
              {isChange && (
                <>
                  <del data-quiet={say(before, column).isQuiet || undefined}>{say(before, column).text}</del>
                  <span aria-hidden> → </span>
                </>
              )}
              <ins data-quiet={say(after, column).isQuiet || undefined}>{say(after, column).text}</ins>
            </dd>
          </div>
        ))}
      </dl>
    </li>
  )
}

/** Told to administrators and to themselves; whoever is gone has no name any more. */
function useWho(id: string | null): string | undefined {
  const { t } = useTranslation()
  const me = useUser()
  const isMe = id === me.id
  const person = useQuery({
    queryKey: ['people', 'named', id],
    queryFn: () => client.people.get(id ?? ''),
    enabled: id !== null && !isMe,
    staleTime: 5 * 60_000,
    retry: false,
  })
  if (isMe) return t('data.history.you')
  return person.data && (person.data.display_name || person.data.username)
}

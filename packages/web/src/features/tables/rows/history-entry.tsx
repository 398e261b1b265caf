import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useDates, useNow } from '../../../app/use-dates.ts'
import type { Revision } from '../types.ts'
import { useSayValue } from '../values/value-text.ts'
import type { FieldChange } from './row-history.ts'
import classes from './rows.module.css'
import { useWho } from './use-who.ts'

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

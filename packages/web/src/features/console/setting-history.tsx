import { Button, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { PagedList } from '../admin/paged-list.tsx'
import { may } from '../admin/rights.ts'
import { personName } from '../people/person.ts'
import classes from './console.module.css'

type Page = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/settings/history', object>>>
type Change = Page extends { data: (infer Item)[] } ? Item : never

/** What was changed, newest first; each change can be taken back. */
export function SettingHistory() {
  const { t } = useTranslation()
  return (
    <PagedList
      queryKey={['admin', 'settings', 'history']}
      load={(cursor) =>
        client.api.GET('/api/v1/admin/settings/history', { params: { query: cursor ? { cursor } : {} } })
      }
      label={t('settings.history')}
      empty={t('settings.noHistory')}
    >
      {(change: Change) => <ChangeRow change={change} />}
    </PagedList>
  )
}

function ChangeRow({ change }: { change: Change }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const { name, old_value, new_value, changed_by, changed_at } = change
  const revert = useMutation({
    mutationFn: () =>
      confirm(() => client.api.PUT('/api/v1/admin/settings', { body: { values: { [name]: old_value } } })),
    onSuccess: (answer) => answer && announce(t('settings.reverted', { name })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['admin', 'settings'] }),
  })
  const say = (value: string | null) => (value === null ? t('settings.source.default') : value || t('settings.nothing'))
  return (
    <div className={`${admin.row} ${classes.row}`}>
      <div className={admin.names}>
        <Text component="span" className={classes.code} fw={600}>
          {name}
        </Text>
        <div className={admin.quiet}>
          {dates.full(new Date(changed_at))}
          {changed_by && (
            <>
              {' · '}
              <Link to="/admin/users/$userId" params={{ userId: changed_by.id }} className={admin.link ?? ''}>
                {personName(changed_by)}
              </Link>
            </>
          )}
        </div>
      </div>
      <div className={admin.middle}>
        {t('settings.fromTo', { from: say(old_value), to: say(new_value) })}
        {revert.error && (
          <div className={classes.bad} role="alert">
            {explainError(revert.error, t)}
          </div>
        )}
      </div>
      {may(me, 'settings:update') ? (
        <Button
          size="compact-sm"
          variant="default"
          loading={revert.isPending}
          aria-label={t('settings.revertLabel', { value: say(old_value), name })}
          onClick={() => revert.mutate()}
        >
          {t('settings.revert', { value: say(old_value) })}
        </Button>
      ) : (
        <span />
      )}
    </div>
  )
}

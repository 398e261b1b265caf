import type { AccessBan } from '@atrium/client'
import { Button, Group, Modal, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { Chips } from '../../app/chips.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { PagedList } from '../admin/paged-list.tsx'
import { may } from '../admin/rights.ts'
import { personName } from '../people/person.ts'
import { BanForm } from './ban-form.tsx'
import classes from './moderation.module.css'
import { useModerationNews } from './use-moderation-news.ts'

type Kind = 'all' | 'user' | 'network'

export function BansPage() {
  const { t } = useTranslation()
  const me = useUser()
  const [kind, setKind] = useState<Kind>('all')
  const [isAdding, setAdding] = useState(false)
  usePageTitle(t('bans.title'))
  useModerationNews('ban')
  return (
    <>
      <Text c="dimmed">{t('bans.text')}</Text>
      <Group justify="space-between" className={classes.filters ?? ''}>
        <Chips
          label={t('bans.show')}
          value={kind}
          onChange={setKind}
          choices={[
            { value: 'all', label: t('bans.all') },
            { value: 'user', label: t('bans.users') },
            { value: 'network', label: t('bans.networks') },
          ]}
        />
        {may(me, 'bans:update') && (
          <Button
            size="sm"
            leftSection={<IconPlus size={18} stroke={1.75} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t('bans.add')}
          </Button>
        )}
      </Group>
      <PagedList
        queryKey={['moderation', 'ban', kind]}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/bans', {
            params: { query: { ...(kind === 'all' ? {} : { kind }), ...(cursor ? { cursor } : {}) } },
          })
        }
        label={t('bans.list')}
        empty={t('bans.none')}
      >
        {(ban: AccessBan) => <BanRow ban={ban} />}
      </PagedList>
      {isAdding && (
        <Modal
          opened
          onClose={() => setAdding(false)}
          title={t('bans.addTitle')}
          closeButtonProps={{ 'aria-label': t('app.close') }}
        >
          <BanForm onDone={() => setAdding(false)} />
        </Modal>
      )}
    </>
  )
}

function BanRow({ ban }: { ban: AccessBan }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const { id, user, network, reason, until, created_at } = ban
  const name = user ? personName(user) : (network ?? t('reports.somebody'))
  const lift = useMutation({
    // Something is answered, so that it can be told from a dialog that was closed.
    mutationFn: () =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/admin/bans/{id}', { params: { path: { id } } })
        return true
      }),
    onSuccess: (isLifted) => isLifted && announce(t('bans.lifted')),
    onSettled: () => cache.invalidateQueries({ queryKey: ['moderation', 'ban'] }),
  })
  return (
    <div className={classes.ban} data-testid="ban">
      <div className={classes.about}>
        <p className={classes.what}>{name}</p>
        <p>{reason}</p>
        <p className={classes.quiet}>
          {t('bans.since', { date: dates.date(new Date(created_at)) })},{' '}
          {until ? t('bans.untilDate', { date: dates.date(new Date(until)) }) : t('bans.noEnd')}
        </p>
        {lift.error && (
          <Text size="sm" c="var(--danger-text)" role="alert">
            {explainError(lift.error, t)}
          </Text>
        )}
      </div>
      {may(me, 'bans:update') && (
        <Button
          size="sm"
          variant="default"
          loading={lift.isPending}
          aria-label={t('bans.liftLabel', { name })}
          onClick={() => lift.mutate()}
        >
          {t('bans.lift')}
        </Button>
      )}
    </div>
  )
}

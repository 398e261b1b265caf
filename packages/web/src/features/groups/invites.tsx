import type { Conversation, CreatedInvite, Invite } from '@atrium/client'
import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconLink } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { CopyButton } from '../../app/copy-button.tsx'
import { explainError } from '../../app/error-words.ts'
import { useDates } from '../../app/use-dates.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './groups.module.css'
import { invitesQuery } from './queries.ts'

const day = 24 * 3_600_000

/** Links that let people in: made, copied once, withdrawn. */
export function Invites({ conversation: { id } }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const query = useQuery({ ...invitesQuery(id), staleTime: 0 })
  const [uses, setUses] = useState('0')
  const [days, setDays] = useState('7')
  const [made, setMade] = useState<CreatedInvite>()
  const create = useMutation({
    mutationFn: () =>
      client.api.POST('/api/v1/conversations/{id}/invites', {
        params: { path: { id } },
        body: {
          ...(uses === '0' ? {} : { max_uses: Number(uses) }),
          ...(days === '0' ? {} : { expires_at: new Date(Date.now() + Number(days) * day).toISOString() }),
        },
      }),
    onSuccess: setMade,
    onSettled: () => cache.invalidateQueries(invitesQuery(id)),
  })
  const withdraw = useMutation({
    mutationFn: (invite_id: string) =>
      client.api.DELETE('/api/v1/conversations/{id}/invites/{invite_id}', { params: { path: { id, invite_id } } }),
    onSuccess: (_, invite_id) => setMade((known) => (known?.id === invite_id ? undefined : known)),
    onSettled: () => cache.invalidateQueries(invitesQuery(id)),
  })
  const failure = create.error ?? withdraw.error
  return (
    <section className={classes.section} aria-labelledby="info-invites">
      <Title order={3} id="info-invites" fz={16}>
        {t('info.invites')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('info.invitesText')}
      </Text>
      <Stack gap="sm" mt="sm">
        <Group gap="sm" grow align="flex-end">
          <NativeSelect
            label={t('info.inviteUses')}
            value={uses}
            onChange={({ currentTarget }) => setUses(currentTarget.value)}
            data={[
              { value: '0', label: t('info.inviteForever') },
              { value: '1', label: t('info.inviteOnce') },
              { value: '10', label: t('info.inviteTen') },
            ]}
          />
          <NativeSelect
            label={t('info.inviteEnds')}
            value={days}
            onChange={({ currentTarget }) => setDays(currentTarget.value)}
            data={[
              { value: '1', label: t('info.inviteDay') },
              { value: '7', label: t('info.inviteWeek') },
              { value: '0', label: t('info.inviteNever') },
            ]}
          />
        </Group>
        <Button
          variant="light"
          size="sm"
          leftSection={<IconLink size={18} stroke={1.75} aria-hidden />}
          loading={create.isPending}
          onClick={() => create.mutate()}
        >
          {t('info.newInvite')}
        </Button>
        {made && (
          <div className={classes.made} role="status">
            <Text size="sm">{t('info.inviteNew')}</Text>
            <Group gap="sm" wrap="nowrap" align="flex-end">
              <TextInput
                flex={1}
                size="sm"
                readOnly
                aria-label={t('info.inviteLink')}
                value={made.url}
                onFocus={({ currentTarget }) => currentTarget.select()}
              />
              <CopyButton text={made.url} label={t('info.copyInvite')} />
            </Group>
          </div>
        )}
        {failure && <FormAlert kind="error">{explainError(failure, t)}</FormAlert>}
        {query.data?.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('info.invitesNone')}
          </Text>
        )}
        <ul className={classes.members} aria-label={t('info.invites')}>
          {query.data?.map((invite) => (
            <InviteRow
              key={invite.id}
              invite={invite}
              isGoing={withdraw.isPending && withdraw.variables === invite.id}
              onWithdraw={() => withdraw.mutate(invite.id)}
            />
          ))}
        </ul>
      </Stack>
    </section>
  )
}

function InviteRow({ invite, isGoing, onWithdraw }: { invite: Invite; isGoing: boolean; onWithdraw: () => void }) {
  const { t } = useTranslation()
  const dates = useDates()
  const { uses, max_uses, expires_at, created_at } = invite
  const used = max_uses === null ? t('info.used', { count: uses }) : t('info.usedOf', { count: uses, most: max_uses })
  const date = dates.full(new Date(created_at))
  return (
    <li className={classes.member}>
      <span className={classes.about}>
        <span className={classes.rowName}>
          {t('info.made', { date: dates.short(new Date(created_at), new Date()) })}
        </span>
        <span className={classes.quiet}>
          {[used, expires_at && t('info.until', { date: dates.date(new Date(expires_at)) })]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <Button
        variant="default"
        size="compact-sm"
        loading={isGoing}
        aria-label={t('info.withdrawLabel', { date })}
        onClick={onWithdraw}
      >
        {t('info.withdraw')}
      </Button>
    </li>
  )
}

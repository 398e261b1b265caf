import type { AdminReport } from '@atrium/client'
import { Button, Modal, Text } from '@mantine/core'
import { IconFlag } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { may } from '../admin/rights.ts'
import { personName } from '../people/person.ts'
import { BanForm } from './ban-form.tsx'
import classes from './moderation.module.css'

export function ReportRow({ report }: { report: AdminReport }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const name = (person: AdminReport['reporter']) => (person ? personName(person) : t('reports.somebody'))
  const { target_type, target_user, reporter, reason, comment, excerpt, created_at, decided_by, decided_at } = report
  const what = target_user
    ? `${t(`reports.${target_type}`)} ${t('reports.about', { name: name(target_user) })}`
    : t(`reports.${target_type}`)
  return (
    <article className={classes.report} aria-label={t('reports.details', { what })} data-testid="report">
      <span className={classes.sign}>
        <IconFlag size={20} stroke={1.7} aria-hidden />
      </span>
      <div className={classes.about}>
        <p className={classes.what}>
          {what} <span className={classes.reason}>{t(`report.reasons.${reason}`)}</span>
        </p>
        {excerpt && <blockquote className={classes.excerpt}>{excerpt}</blockquote>}
        {comment && <p>{comment}</p>}
        <p className={classes.quiet}>
          {t('reports.by', { name: name(reporter), time: dates.ago(new Date(created_at), now) })}
        </p>
        {decided_at && (
          <p className={classes.quiet}>
            {t('reports.decided', { name: name(decided_by), time: dates.ago(new Date(decided_at), now) })}
          </p>
        )}
        <Decisions report={report} />
      </div>
    </article>
  )
}

function Decisions({ report }: { report: AdminReport }) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const { id, status, target_type, target_id, target_user } = report
  const [dialog, setDialog] = useState<'remove' | 'ban'>()
  const close = () => setDialog(undefined)
  const reload = () => cache.invalidateQueries({ queryKey: ['moderation', 'report'] })

  const decide = useMutation({
    mutationFn: (next: AdminReport['status']) =>
      client.api.PATCH('/api/v1/admin/reports/{id}', { params: { path: { id } }, body: { status: next } }),
    onSuccess: () => announce(t('reports.done')),
    onSettled: reload,
  })
  const remove = useMutation({
    mutationFn: () =>
      client.api.POST('/api/v1/admin/messages/{id}/remove', {
        params: { path: { id: target_id } },
        body: { reason: t(`report.reasons.${report.reason}`) },
      }),
    onSuccess: () => {
      announce(t('reports.removedMessage'))
      close()
    },
    onSettled: reload,
  })
  const mayDecide = may(me, 'reports:update')
  const isOpen = status === 'open'
  const button = (next: AdminReport['status'], label: string, isMain = false) => (
    <Button
      size="sm"
      variant={isMain ? 'filled' : 'default'}
      loading={decide.isPending && decide.variables === next}
      onClick={() => decide.mutate(next)}
    >
      {label}
    </Button>
  )
  return (
    <>
      <div className={classes.decisions}>
        {mayDecide && isOpen && button('resolved', t('reports.resolve'), true)}
        {mayDecide && isOpen && button('dismissed', t('reports.dismiss'))}
        {mayDecide && !isOpen && button('open', t('reports.reopen'))}
        {isOpen && target_type === 'message' && may(me, 'moderation:remove') && (
          <Button size="sm" variant="outline" color="red" onClick={() => setDialog('remove')}>
            {t('reports.removeMessage')}
          </Button>
        )}
        {isOpen && target_user && may(me, 'bans:update') && (
          <Button size="sm" variant="outline" color="red" onClick={() => setDialog('ban')}>
            {t('reports.ban', { name: personName(target_user) })}
          </Button>
        )}
      </div>
      {decide.error && (
        <Text size="sm" c="var(--danger-text)" role="alert">
          {explainError(decide.error, t)}
        </Text>
      )}
      {dialog === 'remove' && (
        <ConfirmDialog
          title={t('reports.removeTitle')}
          text={t('reports.removeText')}
          action={t('reports.removeMessage')}
          change={{
            start: () => remove.mutate(),
            isPending: remove.isPending,
            failure: remove.error ? explainError(remove.error, t) : undefined,
            forget: remove.reset,
          }}
          onClose={close}
        />
      )}
      {dialog === 'ban' && target_user && (
        <Modal
          opened
          onClose={close}
          title={t('reports.ban', { name: personName(target_user) })}
          closeButtonProps={{ 'aria-label': t('app.close') }}
        >
          <BanForm person={target_user} onDone={close} />
        </Modal>
      )}
    </>
  )
}

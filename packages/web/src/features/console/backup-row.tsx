import { Button, Progress, Text } from '@mantine/core'
import '@mantine/core/styles/Progress.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { sizeText } from '../files/file-kinds.ts'
import classes from './console.module.css'
import { type Backups, backupsQuery } from './queries.ts'

type Backup = Backups['data'][number]
const steps = ['tables', 'files', 'checking'] as const

export function BackupRow({ backup, isBusy }: { backup: Backup; isBusy: boolean }) {
  const { t, i18n } = useTranslation()
  const dates = useDates()
  const { state, progress, size, rows, files, version, verified_at, problem, tables_elsewhere } = backup
  const made = dates.full(new Date(backup.created_at))
  const step = steps.find((each) => each === progress?.step) ?? 'tables'
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <div className={`${admin.row} ${classes.row}`} data-testid="backup">
      <div className={admin.names}>
        <Text component="span" fw={600} display="block">
          {made}
        </Text>
        {state !== 'running' && (
          <span className={admin.quiet}>
            {sizeText(size, i18n.language)} · {t('backups.version', { version })}
          </span>
        )}
      </div>
      <div className={`${admin.quiet} ${admin.middle}`}>
        {progress ? (
          <>
            {t(`backups.step.${step}`)}
            <Progress
              value={progress.total === 0 ? 0 : (100 * progress.done) / progress.total}
              aria-label={t(`backups.step.${step}`)}
              mt={6}
            />
          </>
        ) : (
          <>
            {t('backups.holds', { rows: number.format(rows), files: number.format(files) })}
            <br />
            {verified_at
              ? t('backups.verified', { time: dates.full(new Date(verified_at)) })
              : !problem && t('backups.unverified')}
            {problem && <span className={classes.bad}>{t('backups.broken', { problem })}</span>}
            {tables_elsewhere && <div>{t('backups.elsewhere')}</div>}
          </>
        )}
      </div>
      {state === 'ready' ? <BackupActions backup={backup} made={made} isBusy={isBusy} /> : <span />}
    </div>
  )
}

function BackupActions({ backup: { id }, made, isBusy }: { backup: Backup; made: string; isBusy: boolean }) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [isAsking, setAsking] = useState(false)
  const params = { path: { id } }
  const onSettled = () => cache.invalidateQueries(backupsQuery)
  const verify = useMutation({
    mutationFn: () => confirm(() => client.api.POST('/api/v1/admin/backups/{id}/verify', { params })),
    onSettled,
  })
  const download = useMutation({
    // Asks who is there where that is due: a download by itself could not.
    mutationFn: () => confirm(() => client.api.GET('/api/v1/admin/backups/{id}', { params })),
    onSuccess: (backup) => {
      if (backup) location.assign(`/api/v1/admin/backups/${id}/download`)
    },
  })
  const remove = useMutation({
    mutationFn: () =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/admin/backups/{id}', { params })
        return true
      }),
    onSuccess: (isDone) => {
      setAsking(false)
      if (isDone) announce(t('backups.removed'))
    },
    onSettled,
  })
  const error = verify.error ?? download.error
  return (
    <div className={classes.buttons}>
      {may(me, 'backups:create') && (
        <Button
          size="compact-sm"
          variant="light"
          disabled={isBusy}
          aria-label={t('backups.verifyLabel', { made })}
          onClick={() => verify.mutate()}
        >
          {t('backups.verify')}
        </Button>
      )}
      {may(me, 'backups:download') && (
        <Button
          size="compact-sm"
          variant="default"
          loading={download.isPending}
          aria-label={t('backups.downloadLabel', { made })}
          onClick={() => download.mutate()}
        >
          {t('backups.download')}
        </Button>
      )}
      {may(me, 'backups:create') && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={t('backups.removeLabel', { made })}
          onClick={() => setAsking(true)}
        >
          {t('backups.remove')}
        </Button>
      )}
      {error && (
        <span className={classes.error} role="alert">
          {explainError(error, t)}
        </span>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t('backups.removeTitle')}
          text={t('backups.removeText', { made })}
          action={t('backups.remove')}
          change={{
            start: () => remove.mutate(),
            isPending: remove.isPending,
            failure: remove.error ? explainError(remove.error, t) : undefined,
            forget: () => remove.reset(),
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}

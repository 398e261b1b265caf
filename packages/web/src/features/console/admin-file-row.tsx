import { Anchor, Button, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { iconOf, sizeText } from '../files/file-kinds.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import console from './console.module.css'
import classes from './files.module.css'

type FilePage = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/files', object>>>
export type AdminFile = FilePage extends { data: (infer Item)[] } ? Item : never

const uses = ['message', 'avatar', 'conversation'] as const

export function AdminFileRow({ file }: { file: AdminFile }) {
  const { t, i18n } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const { name, size, url, owner, content_type, visibility, created_at } = file
  const Sign = iconOf(content_type)
  const shownIn = uses.filter((use) => file.used_by.includes(use)).map((use) => t(`adminFiles.usedBy.${use}`))
  return (
    <div className={`${admin.row} ${console.row} ${classes.row}`} data-testid="admin-file">
      <span className={admin.name}>
        <span className={classes.icon}>
          {url && file.width !== undefined ? (
            <img src={`${url}?w=128&h=128`} alt="" loading="lazy" decoding="async" />
          ) : (
            <Sign size={20} stroke={1.6} aria-hidden />
          )}
        </span>
        <span className={admin.names}>
          {url ? (
            <Anchor href={url} target="_blank" rel="noreferrer" fw={600} className={admin.link ?? ''}>
              {name}
            </Anchor>
          ) : (
            <Text component="span" fw={600}>
              {name}
            </Text>
          )}
          <span className={`${admin.quiet} ${classes.line}`}>
            {sizeText(size, i18n.language)} · {dates.date(new Date(created_at))}
          </span>
        </span>
      </span>
      <div className={`${admin.quiet} ${admin.middle}`}>
        {owner ? (
          <Link to="/admin/files/$userId" params={{ userId: owner.id }} className={classes.of ?? ''}>
            <PersonAvatar person={owner} size={22} />
            <span>{personName(owner)}</span>
          </Link>
        ) : (
          t('adminFiles.gone')
        )}
        <span className={classes.line}>
          {[t(`adminFiles.visibility.${visibility}`), ...shownIn, content_type].join(' · ')}
        </span>
      </div>
      {may(me, 'storage:remove') ? <Removal file={file} isShown={shownIn.length > 0} /> : <span />}
    </div>
  )
}

function Removal({ file: { id, name, owner }, isShown }: { file: AdminFile; isShown: boolean }) {
  const { t } = useTranslation()
  const [isAsking, setAsking] = useState(false)
  const whose = owner ? personName(owner) : t('adminFiles.gone')
  const remove = useGuarded({
    run: async () => client.api.DELETE('/api/v1/admin/files/{id}', { params: { path: { id } } }),
    renews: [['admin', 'files']],
    onDone: () => {
      setAsking(false)
      announce(t('adminFiles.removed', { name }))
    },
  })
  return (
    <div className={console.buttons}>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        aria-label={t('adminFiles.removeLabel', { name, owner: whose })}
        onClick={() => setAsking(true)}
      >
        {t('adminFiles.remove')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('adminFiles.removeTitle', { name })}
          text={t(isShown ? 'adminFiles.removeShown' : 'adminFiles.removeText', { owner: whose })}
          action={t('adminFiles.removeAction')}
          change={remove}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}

import type { PublicUser } from '@atrium/client'
import { ActionIcon, Menu } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { IconBan, IconDots, IconFlag, IconUserMinus } from '@tabler/icons-react'
import { type ReactNode, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { piece } from '../../app/piece.ts'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import { personName } from './person.ts'
import { usePeopleActions } from './use-people-actions.ts'

const ReportDialog = piece('moderation', async () => (await import('../moderation/report-dialog.tsx')).ReportDialog)

interface PersonMenuProps {
  person: PublicUser
  isFriend?: boolean
  isBlocked?: boolean
  /** More entries, above those that part ways. */
  children?: ReactNode
}

/** What one does rarely, and is asked about before. */
export function PersonMenu({ person, isFriend = false, isBlocked = false, children }: PersonMenuProps) {
  const { t } = useTranslation()
  const me = useUser()
  const [asking, setAsking] = useState<'remove' | 'block'>()
  const [isReporting, setReporting] = useState(false)
  const name = personName(person)
  return (
    <>
      <Menu position="bottom-end" width={220} radius="lg" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={38} radius="xl" aria-label={t('friends.more', { name })}>
            <IconDots size={20} stroke={1.75} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown p="xs">
          {children}
          {isFriend && (
            <Menu.Item
              leftSection={<IconUserMinus size={18} stroke={1.75} aria-hidden />}
              onClick={() => setAsking('remove')}
            >
              {t('friends.remove')}
            </Menu.Item>
          )}
          {may(me, 'reports:create') && (
            <Menu.Item
              leftSection={<IconFlag size={18} stroke={1.75} aria-hidden />}
              onClick={() => setReporting(true)}
            >
              {t('conversations.report')}
            </Menu.Item>
          )}
          {!isBlocked && (
            <Menu.Item
              c="var(--danger-text)"
              leftSection={<IconBan size={18} stroke={1.75} aria-hidden />}
              onClick={() => setAsking('block')}
            >
              {t('blocked.block')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isReporting && (
        <Suspense>
          <ReportDialog target={{ target_type: 'user', target_id: person.id }} onClose={() => setReporting(false)} />
        </Suspense>
      )}
      {asking && <PartingDialog action={asking} person={person} onClose={() => setAsking(undefined)} />}
    </>
  )
}

interface PartingDialogProps {
  action: 'remove' | 'block'
  person: PublicUser
  onClose: () => void
}

export function PartingDialog({ action, person, onClose }: PartingDialogProps) {
  const { t } = useTranslation()
  const actions = usePeopleActions()
  const name = personName(person)
  const words =
    action === 'remove'
      ? { title: t('friends.removeTitle', { name }), text: t('friends.removeText'), action: t('friends.remove') }
      : { title: t('blocked.blockTitle', { name }), text: t('blocked.blockText', { name }), action: t('blocked.block') }
  return (
    <ConfirmDialog
      {...words}
      change={{
        start: () => actions.start({ action, person }, { onSuccess: onClose }),
        isPending: actions.isPending,
        failure: actions.error ? explainError(actions.error, t) : undefined,
        forget: actions.forget,
      }}
      onClose={onClose}
    />
  )
}

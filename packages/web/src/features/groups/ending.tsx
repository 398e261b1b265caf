import type { Conversation } from '@atrium/client'
import { Button, Stack } from '@mantine/core'
import { IconFlag, IconLogout, IconTrash } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { piece } from '../../app/piece.ts'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import classes from './groups.module.css'
import { useConversationChanges } from './use-conversation-changes.ts'

const ReportDialog = piece('moderation', async () => (await import('../moderation/report-dialog.tsx')).ReportDialog)

interface EndingProps {
  conversation: Conversation
  name: string
  onClose: () => void
}

/** Going, and ending it for all. */
export function Ending({ conversation, name, onClose }: EndingProps) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const changes = useConversationChanges(conversation)
  const me = useUser()
  const [isReporting, setReporting] = useState(false)
  const [asking, setAsking] = useState<'leave' | 'delete'>()
  const isLeaving = asking === 'leave'
  const done = () => {
    onClose()
    void navigate({ to: '/messages' })
  }
  return (
    <section className={classes.section} aria-label={t('info.ending')}>
      <Stack gap="xs">
        <Button
          variant="default"
          leftSection={<IconLogout size={18} stroke={1.75} aria-hidden />}
          onClick={() => setAsking('leave')}
        >
          {t('info.leave')}
        </Button>
        {may(me, 'reports:create') && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconFlag size={18} stroke={1.75} aria-hidden />}
            onClick={() => setReporting(true)}
          >
            {t('conversations.report')}
          </Button>
        )}
        {conversation.my_role === 'owner' && (
          <Button
            variant="subtle"
            color="red"
            c="var(--danger-text)"
            leftSection={<IconTrash size={18} stroke={1.75} aria-hidden />}
            onClick={() => setAsking('delete')}
          >
            {t('info.deleteAll')}
          </Button>
        )}
      </Stack>
      {isReporting && (
        <Suspense>
          <ReportDialog
            target={{ target_type: 'conversation', target_id: conversation.id }}
            onClose={() => setReporting(false)}
          />
        </Suspense>
      )}
      {asking && (
        <ConfirmDialog
          title={isLeaving ? t('conversations.leaveTitle', { name }) : t('info.deleteTitle', { name })}
          text={t(isLeaving ? 'conversations.leaveText' : 'info.deleteText')}
          action={t(isLeaving ? 'info.leave' : 'info.deleteAll')}
          change={{
            start: () => changes.mutate({ kind: asking }, { onSuccess: done }),
            isPending: changes.isPending,
            failure: changes.error ? explainError(changes.error, t) : undefined,
            forget: changes.reset,
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  )
}

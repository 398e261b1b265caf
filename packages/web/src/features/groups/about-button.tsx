import type { Conversation } from '@atrium/client'
import { ActionIcon } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { piece } from '../../app/piece.ts'

const Info = piece('groups', async () => (await import('./conversation-info.tsx')).ConversationInfo)

/** Opens who is in it, and what can be changed. */
export function AboutButton({ conversation, name }: { conversation: Conversation; name: string }) {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={40}
        radius="xl"
        aria-label={t('conversations.about', { name })}
        onClick={() => setOpen(true)}
      >
        <IconInfoCircle size={22} stroke={1.6} aria-hidden />
      </ActionIcon>
      {isOpen && (
        <Suspense>
          <Info conversation={conversation} name={name} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}

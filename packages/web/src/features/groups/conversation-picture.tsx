import type { Conversation } from '@atrium/client'
import { Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { PictureChooser } from '../accounts/picture-chooser.tsx'
import { RoomFace } from './conversation-face.tsx'
import classes from './groups.module.css'
import { useConversationChanges } from './use-conversation-changes.ts'

/** The picture of a group or channel, for those who administer it. */
export function ConversationPicture({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const changes = useConversationChanges(conversation)
  return (
    <section className={classes.section} aria-labelledby="info-picture">
      <Title order={3} id="info-picture" fz={16} mb="sm">
        {t('info.picture')}
      </Title>
      <PictureChooser
        face={<RoomFace room={conversation} size={56} />}
        isThere={conversation.avatar !== null}
        save={(picture) => changes.mutateAsync({ kind: 'picture', picture })}
        remove={() => changes.mutateAsync({ kind: 'picture', picture: null })}
        words={{ saved: t('info.pictureSaved'), removed: t('info.pictureRemoved') }}
      />
    </section>
  )
}

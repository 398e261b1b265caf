import type { Message } from '@atrium/client'
import { Button, Modal, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { client } from '../../../app/client.ts'
import { explainError } from '../../../app/error-words.ts'
import { FormAlert } from '../../accounts/form-alert.tsx'
import { canDeleteForAll, useChat } from '../chat-actions.ts'
import { hideMessage, takeMessage } from '../message-changes.ts'

/** Asks for whom: everyone, where one may, or oneself. */
export function DeleteDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const { conversation, myId } = useChat()
  const removal = useMutation({
    mutationFn: (target: 'me' | 'everyone') => client.messages.delete(message.id, target),
    onSuccess: async (_none, target) => {
      onClose()
      announce(t('chat.deleteDone'))
      if (target === 'me') hideMessage(cache, message)
      // The event brings it as well; who is not connected at the moment need not wait for it.
      else takeMessage(cache, await client.messages.get(message.id), myId)
    },
  })
  const isForAll = canDeleteForAll(conversation, message, myId)
  return (
    <Modal opened onClose={onClose} title={t('chat.deleteTitle')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      <Stack>
        <Text c="dimmed">{isForAll ? t('chat.deleteText') : t('chat.deleteTextMe')}</Text>
        {removal.error && <FormAlert kind="error">{explainError(removal.error, t)}</FormAlert>}
        <Stack gap="xs" mt="xs">
          {isForAll && (
            <Button color="red.9" loading={removal.isPending} onClick={() => removal.mutate('everyone')}>
              {t('chat.deleteAll')}
            </Button>
          )}
          <Button
            variant={isForAll ? 'default' : 'filled'}
            {...(isForAll ? {} : { color: 'red.9' })}
            disabled={removal.isPending && isForAll}
            onClick={() => removal.mutate('me')}
          >
            {t('chat.deleteMe')}
          </Button>
          <Button variant="subtle" color="gray" onClick={onClose}>
            {t('app.cancel')}
          </Button>
        </Stack>
      </Stack>
    </Modal>
  )
}

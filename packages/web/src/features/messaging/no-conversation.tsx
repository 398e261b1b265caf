import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LogoMark } from '../../app/logo.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { personName } from '../people/person.ts'
import { useConversations } from './queries.ts'

export function NoConversation() {
  const { t } = useTranslation()
  const me = useUser()
  const { data, conversations } = useConversations()
  usePageTitle(t('conversations.title'))
  if (!data) return null
  const isNew = conversations.length === 0
  return (
    <Stack align="center" justify="center" gap={4} flex={1} p="xl" ta="center">
      <LogoMark size={52} />
      <Text fw={650} size="lg" mt="md">
        {isNew ? t('conversations.welcomeTitle', { name: personName(me) }) : t('conversations.pickTitle')}
      </Text>
      <Text c="dimmed">{isNew ? t('conversations.welcomeText') : t('conversations.pickText')}</Text>
    </Stack>
  )
}

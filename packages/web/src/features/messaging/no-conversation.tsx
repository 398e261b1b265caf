import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LogoMark } from '../../app/logo.tsx'
import { usePageTitle } from '../../app/page-title.ts'

export function NoConversation() {
  const { t } = useTranslation()
  usePageTitle(t('conversations.title'))
  return (
    <Stack align="center" justify="center" gap={4} flex={1} p="xl" ta="center">
      <LogoMark size={52} />
      <Text fw={650} size="lg" mt="md">
        {t('conversations.pickTitle')}
      </Text>
      <Text c="dimmed">{t('conversations.pickText')}</Text>
    </Stack>
  )
}

import { Button, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { LogoMark } from './logo.tsx'
import { usePageTitle } from './page-title.ts'

export function NotFoundPage() {
  const { t } = useTranslation()
  usePageTitle(t('errors.notFoundTitle'))
  return (
    <Stack component="main" align="center" justify="center" gap="sm" p="xl" mih="100%" ta="center">
      <LogoMark size={56} />
      <Title order={1} mt="md">
        {t('errors.notFoundTitle')}
      </Title>
      <Text c="dimmed">{t('errors.notFoundText')}</Text>
      <Button component={Link} to="/" mt="md">
        {t('errors.notFoundAction')}
      </Button>
    </Stack>
  )
}

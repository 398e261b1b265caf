import { SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core'
import '@mantine/core/styles/SegmentedControl.css'
import '@mantine/core/styles/FloatingIndicator.css'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import { AccountCard } from './account-card.tsx'

/** Light, dark, or as the device has it. */
export function AppearancePage() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  usePageTitle(t('account.appearance'))
  return (
    <AccountCard title={t('scheme.label')}>
      <Stack align="flex-start">
        <Text c="dimmed">{t('account.appearanceText')}</Text>
        <SegmentedControl
          aria-label={t('scheme.label')}
          size="md"
          withItemsBorders={false}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`scheme.${value}`) }))}
        />
      </Stack>
    </AccountCard>
  )
}

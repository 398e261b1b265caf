import { Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../../app/page-title.ts'
import classes from './people.module.css'
import { PeopleSearch } from './people-search.tsx'

export function PeoplePage() {
  const { t } = useTranslation()
  usePageTitle(t('people.title'))
  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('people.title')}
      </Title>
      <Text c="dimmed" mt={2}>
        {t('people.text')}
      </Text>
      <PeopleSearch />
    </div>
  )
}

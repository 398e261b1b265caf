import type { PublicUser } from '@atrium/client'
import { Button, Stack, Text } from '@mantine/core'
import { IconBan } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { withWords } from '../../app/i18n.ts'
import { personName } from '../people/person.ts'
import { usePresence } from '../presence/use-presence.ts'
import classes from './groups.module.css'

const PartingDialog = lazy(() =>
  withWords(
    'people',
    import('../people/person-menu.tsx').then((module) => ({ default: module.PartingDialog })),
  ),
)

/** The other one of two. */
export function DirectInfo({ person, onClose }: { person: PublicUser; onClose: () => void }) {
  const { t } = useTranslation()
  const presence = usePresence(person.id)
  const [isBlocking, setBlocking] = useState(false)
  const state = presence && presence.state !== 'offline' ? t(`presence.${presence.state}`) : undefined
  const how = [state, presence?.text].filter(Boolean).join(' · ')
  return (
    <Stack gap="sm">
      <Text c="dimmed" ta="center">
        @{person.username}
      </Text>
      {how && <Text ta="center">{how}</Text>}
      {person.bio && (
        <Text ta="center" className={classes.description ?? ''}>
          {person.bio}
        </Text>
      )}
      <Link
        to="/people/$name"
        params={{ name: `@${person.username}` }}
        className={classes.openLink ?? ''}
        onClick={onClose}
      >
        {t('info.profile')}
      </Link>
      <Button
        variant="subtle"
        c="var(--danger-text)"
        color="red"
        leftSection={<IconBan size={18} stroke={1.75} aria-hidden />}
        onClick={() => setBlocking(true)}
      >
        {t('info.block', { name: personName(person) })}
      </Button>
      {isBlocking && (
        <Suspense>
          <PartingDialog action="block" person={person} onClose={() => setBlocking(false)} />
        </Suspense>
      )}
    </Stack>
  )
}

import { Button, Group, NativeSelect, Text, Title } from '@mantine/core'
import { IconUser } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Item, ItemList } from '../../app/item-list.tsx'
import { useDates } from '../../app/use-dates.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { personName } from '../people/person.ts'
import { useDistances } from './distances.ts'
import classes from './places.module.css'
import { nearbyQuery, whereAmI } from './queries.ts'

const shares = ['none', 'friends', 'everyone'] as const
type Share = (typeof shares)[number]
const lives = { hour: 3_600, day: 86_400, forever: null } as const

/** Who is nearby, and what one lets others know. */
export function NearbyPeople() {
  const { t } = useTranslation()
  const distance = useDistances()
  const dates = useDates()
  const cache = useQueryClient()
  const [share, setShare] = useState<Share>('friends')
  const [precision, setPrecision] = useState('1000')
  const [life, setLife] = useState<keyof typeof lives>('day')
  const nearby = useQuery(nearbyQuery)
  const own = nearby.data?.own
  const reload = () => cache.resetQueries({ queryKey: nearbyQuery.queryKey })
  const set = useMutation({
    mutationFn: async () => {
      const at = await whereAmI().catch(() => Promise.reject(new Error(t('places.refused'))))
      const body = { lon: at.lon, lat: at.lat, share, precision_m: Number(precision), expires_in: lives[life] }
      await client.api.PUT('/api/v1/users/me/location', { body })
    },
    onSuccess: () => announce(t('nearby.isSet')),
    onSettled: reload,
  })
  const stop = useMutation({
    mutationFn: () => client.api.DELETE('/api/v1/users/me/location'),
    onSuccess: () => announce(t('nearby.stopped')),
    onSettled: reload,
  })
  const failure = set.error ?? stop.error ?? nearby.error
  const isOurs = failure instanceof Error && failure.message === t('places.refused')
  return (
    <section className={classes.near} aria-labelledby="nearby-title">
      <Title order={2} size="h3" id="nearby-title">
        {t('nearby.title')}
      </Title>
      <Text c="dimmed" size="sm" mt={4}>
        {t('nearby.text')}
      </Text>
      <div className={classes.fields}>
        <NativeSelect
          label={t('nearby.share')}
          value={share}
          onChange={({ currentTarget: { value } }) => setShare(shares.find((each) => each === value) ?? 'none')}
          data={shares.map((value) => ({ value, label: t(`nearby.${value}`) }))}
        />
        <NativeSelect
          label={t('nearby.precision')}
          value={precision}
          onChange={({ currentTarget: { value } }) => setPrecision(value)}
          data={[200, 1000, 5000, 20_000].map((metres) => ({ value: String(metres), label: distance(metres) }))}
        />
        <NativeSelect
          label={t('nearby.ends')}
          value={life}
          onChange={({ currentTarget: { value } }) => setLife(value as keyof typeof lives)}
          data={(['hour', 'day', 'forever'] as const).map((value) => ({ value, label: t(`nearby.${value}`) }))}
        />
      </div>
      <Group>
        <Button onClick={() => set.mutate()} loading={set.isPending}>
          {t('nearby.set')}
        </Button>
        {own && (
          <Button variant="default" onClick={() => stop.mutate()} loading={stop.isPending}>
            {t('nearby.stop')}
          </Button>
        )}
      </Group>
      {failure && <FormAlert kind="error">{isOurs ? t('places.refused') : explainError(failure, t)}</FormAlert>}
      {own === null && <Text mt="md">{t('nearby.unknown')}</Text>}
      {own && (
        <Text mt="md">
          {t(`nearby.kept_${own.share}`, { distance: distance(own.precision_m) })}{' '}
          {own.expires_at ? t('nearby.until', { time: dates.full(new Date(own.expires_at)) }) : ''}
        </Text>
      )}
      {own && nearby.data?.people.length === 0 && <Text mt="md">{t('nearby.nobody')}</Text>}
      {nearby.data && nearby.data.people.length > 0 && (
        <ItemList label={t('nearby.list')}>
          {nearby.data.people.map(({ id, user, distance_m }) => (
            <Item
              key={id}
              icon={IconUser}
              title={personName(user)}
              details={[t('nearby.within', { distance: distance(distance_m) })]}
            />
          ))}
        </ItemList>
      )}
    </section>
  )
}

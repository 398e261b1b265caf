import type { Place } from '@atrium/client'
import { Button, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconMapPin } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { Item, ItemAction, ItemList } from '../../app/item-list.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { may } from '../admin/rights.ts'
import { useDistances } from './distances.ts'
import { NearbyPeople } from './nearby-people.tsx'
import { PlaceForm } from './place-form.tsx'
import { PlaceMap } from './place-map.tsx'
import classes from './places.module.css'
import { type Center, draftAt, draftOf, type PlaceDraft, placesQuery, whereAmI } from './queries.ts'
import type { WorldMap } from './world-map.ts'

const radii = [500, 1000, 5000, 20_000, 100_000]

export function PlacesPage() {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const distance = useDistances()
  const map = useRef<WorldMap>(null)
  const [center, setCenter] = useState<Center>()
  const [radius, setRadius] = useState(5000)
  const [typed, setTyped] = useState('')
  const [category] = useDebouncedValue(typed.trim(), 300)
  const [chosenId, setChosenId] = useState<string>()
  const [draft, setDraft] = useState<PlaceDraft>()
  const [leaving, setLeaving] = useState<Place>()
  usePageTitle(t('places.title'))
  const near = useMemo(() => (center ? { ...center, radius } : undefined), [center, radius])
  const found = useInfiniteQuery(placesQuery({ near, category }))
  const places = useMemo(() => found.data?.pages.flatMap(({ data }) => data) ?? [], [found.data])
  const chosen = places.find(({ id }) => id === chosenId)
  const locate = useMutation({ mutationFn: whereAmI, onSuccess: ({ lon, lat }) => setCenter({ lon, lat }) })
  const remove = useMutation({
    mutationFn: ({ id }: Place) => client.api.DELETE('/api/v1/places/{id}', { params: { path: { id } } }),
    onSuccess: (_, { name }) => {
      announce(t('places.deleted', { name }))
      setLeaving(undefined)
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['places'] }),
  })
  const canChange = may(me, 'places:update')
  const addAt = (at: Center) => canChange && setDraft(draftAt(at))
  return (
    <div className={classes.page}>
      <div className={classes.side}>
        <Title order={1} tabIndex={-1} data-page-heading>
          {t('places.title')}
        </Title>
        <Text c="dimmed" mt={2}>
          {t('places.text')}
        </Text>
        <div className={classes.fields}>
          <NativeSelect
            label={t('places.radius')}
            size="sm"
            value={String(radius)}
            onChange={({ currentTarget: { value } }) => setRadius(Number(value))}
            data={radii.map((metres) => ({ value: String(metres), label: distance(metres) }))}
          />
          <TextInput
            label={t('places.onlyCategory')}
            size="sm"
            value={typed}
            maxLength={64}
            onChange={({ currentTarget: { value } }) => setTyped(value)}
          />
        </div>
        <Group gap="xs">
          <Button size="sm" loading={locate.isPending} onClick={() => locate.mutate()}>
            {t('places.nearMe')}
          </Button>
          <Button size="sm" variant="default" onClick={() => setCenter(map.current?.center)}>
            {t('places.nearMap')}
          </Button>
          {near && (
            <Button size="sm" variant="default" onClick={() => setCenter(undefined)}>
              {t('places.newest')}
            </Button>
          )}
          {canChange && (
            <Button size="sm" variant="light" onClick={() => addAt(map.current?.center ?? { lon: 0, lat: 0 })}>
              {t('places.add')}
            </Button>
          )}
        </Group>
        {locate.isError && <FormAlert kind="notice">{t('places.refused')}</FormAlert>}
        {found.error && <FormAlert kind="error">{explainError(found.error, t)}</FormAlert>}
        {found.isSuccess && places.length === 0 && (
          <Text mt="lg">{near ? t('places.emptyNear') : t('places.emptyTitle')}</Text>
        )}
        <div className={classes.list}>
          <ItemList label={t('places.list')}>
            {places.map((place) => (
              <Item
                key={place.id}
                icon={IconMapPin}
                title={place.name}
                badge={place.visibility === 'private' ? { text: t('places.private') } : undefined}
                details={[
                  place.category ?? undefined,
                  place.distance_m === undefined
                    ? undefined
                    : t('places.away', { distance: distance(Math.round(place.distance_m)) }),
                ]}
                actions={
                  <>
                    <ItemAction label={t('places.show', { name: place.name })} onClick={() => setChosenId(place.id)}>
                      <IconMapPin size={18} aria-hidden />
                    </ItemAction>
                    {place.owner_id === me.id && (
                      <>
                        <ItemAction
                          label={t('places.editLabel', { name: place.name })}
                          onClick={() => setDraft(draftOf(place))}
                        >
                          {t('places.edit')}
                        </ItemAction>
                        <ItemAction
                          label={t('places.deleteLabel', { name: place.name })}
                          isDanger
                          onClick={() => setLeaving(place)}
                        >
                          {t('places.delete')}
                        </ItemAction>
                      </>
                    )}
                  </>
                }
              />
            ))}
          </ItemList>
        </div>
        {found.hasNextPage && (
          <Button
            variant="default"
            mt="md"
            onClick={() => void found.fetchNextPage()}
            loading={found.isFetchingNextPage}
          >
            {t('places.more')}
          </Button>
        )}
        {may(me, 'location:read') && <NearbyPeople />}
      </div>
      <PlaceMap places={places} chosen={chosen} circle={near} onPick={addAt} onChoose={setChosenId} handle={map} />
      {draft && <PlaceForm draft={draft} onClose={() => setDraft(undefined)} />}
      {leaving && (
        <ConfirmDialog
          title={t('places.deleteTitle', { name: leaving.name })}
          text={t('places.deleteText')}
          action={t('places.delete')}
          change={{
            start: () => remove.mutate(leaving),
            isPending: remove.isPending,
            failure: remove.error ? explainError(remove.error, t) : undefined,
            forget: remove.reset,
          }}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </div>
  )
}

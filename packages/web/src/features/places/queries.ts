import type { NearbyPerson, OwnLocation, Place, Places } from '@atrium/client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export interface Center {
  lon: number
  lat: number
}

export interface PlacesView {
  /** Nearest first around it; absent: newest first. */
  near?: (Center & { radius: number }) | undefined
  category: string
}

const first = undefined as string | undefined

export const placesQuery = ({ near, category }: PlacesView) =>
  infiniteQueryOptions({
    queryKey: ['places', near ?? null, category],
    queryFn: async ({ pageParam: cursor }): Promise<Places> => {
      const query = {
        limit: 50,
        ...(near ? { near: `${near.lon},${near.lat}`, radius: near.radius } : {}),
        ...(category ? { category } : {}),
        ...(cursor ? { cursor } : {}),
      }
      return (await client.api.GET('/api/v1/places', { params: { query } })) as Places
    },
    initialPageParam: first,
    getNextPageParam: ({ page }) => page.next_cursor ?? undefined,
  })

export interface Nearby {
  /** null: it is not said where one is, and nobody is asked for. */
  own: OwnLocation | null
  people: NearbyPerson[]
}

export const nearbyQuery = queryOptions({
  queryKey: ['nearby'],
  queryFn: async (): Promise<Nearby> => {
    const { location: own } = await client.api.GET('/api/v1/users/me/location')
    return { own, people: own ? (await client.api.GET('/api/v1/users/nearby')).data : [] }
  },
})

export interface PlaceDraft {
  /** Of a place that is there already. */
  place?: Place
  name: string
  category: string
  visibility: Place['visibility']
  lon: string
  lat: string
}

export const draftAt = ({ lon, lat }: Center): PlaceDraft => ({
  name: '',
  category: '',
  visibility: 'private',
  lon: lon.toFixed(5),
  lat: lat.toFixed(5),
})

export function draftOf(place: Place): PlaceDraft {
  const [lon = 0, lat = 0] = place.geometry.coordinates
  const { name, category, visibility } = place
  return { place, name, category: category ?? '', visibility, lon: String(lon), lat: String(lat) }
}

export async function savePlace({ place, name, category, visibility, lon, lat }: PlaceDraft): Promise<void> {
  const geometry = { type: 'Point' as const, coordinates: [Number(lon), Number(lat)] }
  const body = { name: name.trim(), category: category.trim() || null, visibility, geometry }
  if (!place) {
    await client.api.POST('/api/v1/places', { body })
    return
  }
  const headers = { 'if-match': `"v${place.version}"` }
  await client.api.PATCH('/api/v1/places/{id}', { params: { path: { id: place.id } }, body, headers })
}

/** Asks the browser; rejects when the person, or the device, does not tell. */
export const whereAmI = (): Promise<Center & { accuracy: number }> =>
  new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) {
      reject(new Error('This browser does not know where it is.'))
      return
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
      () => reject(new Error('The browser does not tell.')),
      { timeout: 15_000, maximumAge: 60_000 },
    )
  })

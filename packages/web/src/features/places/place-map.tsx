import type { Place } from '@atrium/client'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { loadMeta } from '../accounts/use-meta.ts'
import classes from './places.module.css'
import type { Center } from './queries.ts'
import { type Tiles, WorldMap } from './world-map.ts'

interface PlaceMapProps {
  places: readonly Place[]
  chosen: Place | undefined
  circle: (Center & { radius: number }) | undefined
  onPick: (at: Center) => void
  onChoose: (id: string) => void
  handle: RefObject<WorldMap | null>
}

/** What the operator set; null: nothing. Undefined until the server has said so, and the map waits for it. */
function useTiles(): Tiles | null | undefined {
  const [tiles, setTiles] = useState<Tiles | null>()
  useEffect(() => {
    void loadMeta().then((meta) => setTiles(meta?.map_tiles ?? null))
  }, [])
  return tiles
}

/** The list beside it says everything that it shows. */
export function PlaceMap({ places, chosen, circle, onPick, onChoose, handle }: PlaceMapProps) {
  const { t } = useTranslation()
  const element = useRef<HTMLDivElement>(null)
  const handlers = useRef({ onPick, onChoose })
  handlers.current = { onPick, onChoose }
  const credit = t('places.outline')
  const tiles = useTiles()
  useEffect(() => {
    if (!element.current || tiles === undefined) return
    const map = new WorldMap(element.current, {
      onPick: (at) => handlers.current.onPick(at),
      onChoose: (id) => handlers.current.onChoose(id),
      credit,
      tiles,
    })
    handle.current = map
    return () => {
      handle.current = null
      map.remove()
    }
  }, [handle, credit, tiles])
  useEffect(() => {
    if (tiles !== undefined) handle.current?.show({ places, chosen: chosen?.id, circle })
  }, [handle, places, chosen, circle, tiles])
  useEffect(() => {
    if (chosen && tiles !== undefined) handle.current?.goTo(chosen)
  }, [handle, chosen, tiles])
  return <div ref={element} className={classes.map} role="application" aria-label={t('places.map')} />
}

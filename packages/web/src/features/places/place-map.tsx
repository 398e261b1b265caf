import type { Place } from '@atrium/client'
import { type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './places.module.css'
import type { Center } from './queries.ts'
import { WorldMap } from './world-map.ts'

interface PlaceMapProps {
  places: readonly Place[]
  chosen: Place | undefined
  circle: (Center & { radius: number }) | undefined
  onPick: (at: Center) => void
  onChoose: (id: string) => void
  handle: RefObject<WorldMap | null>
}

/** The list beside it says everything that it shows. */
export function PlaceMap({ places, chosen, circle, onPick, onChoose, handle }: PlaceMapProps) {
  const { t } = useTranslation()
  const element = useRef<HTMLDivElement>(null)
  const handlers = useRef({ onPick, onChoose })
  handlers.current = { onPick, onChoose }
  const credit = t('places.outline')
  useEffect(() => {
    if (!element.current) return
    const map = new WorldMap(element.current, {
      onPick: (at) => handlers.current.onPick(at),
      onChoose: (id) => handlers.current.onChoose(id),
      credit,
    })
    handle.current = map
    return () => {
      handle.current = null
      map.remove()
    }
  }, [handle, credit])
  useEffect(() => {
    handle.current?.show({ places, chosen: chosen?.id, circle })
  }, [handle, places, chosen, circle])
  useEffect(() => {
    if (chosen) handle.current?.goTo(chosen)
  }, [handle, chosen])
  return <div ref={element} className={classes.map} role="application" aria-label={t('places.map')} />
}

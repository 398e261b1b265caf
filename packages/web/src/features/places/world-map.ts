import L from 'leaflet'
import 'leaflet/dist/leaflet.css'
import type { Place } from '@atrium/client'
import type { Geometry } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import world from 'world-atlas/countries-110m.json'
import type { Center } from './queries.ts'

interface Marks {
  places: readonly Place[]
  chosen: string | undefined
  circle: (Center & { radius: number }) | undefined
}

export interface Tiles {
  url: string
  attribution: string
}

/** Of the outline: under the tiles. */
const below = 'outline'

const style = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** The one file that knows Leaflet: an outline of the world or tiles, a dot for each place, the circle of a search. */
export class WorldMap {
  readonly #map: L.Map
  readonly #dots = L.layerGroup()
  readonly #circle = L.layerGroup()
  readonly #onChoose: (id: string) => void
  /** At the beginning: without tiles there would be no more than a line to see from closer. */
  readonly #closest: number
  #hasMoved = false

  constructor(
    element: HTMLElement,
    handlers: { onPick: (at: Center) => void; onChoose: (id: string) => void; credit: string; tiles: Tiles | null },
  ) {
    this.#onChoose = handlers.onChoose
    this.#map = L.map(element, { worldCopyJump: true, minZoom: 1, maxZoom: 18, zoomSnap: 0.5 }).setView([30, 10], 2)
    this.#map.once('movestart', () => {
      this.#hasMoved = true
    })
    this.#closest = handlers.tiles ? 13 : 6
    this.#map.attributionControl.setPrefix(false)
    this.#map.createPane(below).style.zIndex = '150'
    if (handlers.tiles) this.#showTiles(handlers.tiles, handlers.credit)
    else this.#showOutline(handlers.credit)
    this.#circle.addTo(this.#map)
    this.#dots.addTo(this.#map)
    this.#map.on('click', ({ latlng }) => {
      const { lng, lat } = latlng.wrap()
      handlers.onPick({ lon: lng, lat })
    })
  }

  #showTiles({ url, attribution }: Tiles, credit: string): void {
    // Tile servers refuse who does not say what page asks; it is told no more than our own address.
    const options = { attribution: textOf(attribution).innerHTML, referrerPolicy: 'origin', maxZoom: 19 } as const
    const layer = L.tileLayer(url, options).addTo(this.#map)
    // Where tiles do not come the outline shows through.
    layer.once('tileerror', () => this.#showOutline(credit))
  }

  #showOutline(credit: string): void {
    this.#map.attributionControl.addAttribution(credit)
    const topology = world as unknown as Topology<{ countries: GeometryCollection }>
    const outline = {
      color: style('--text-quiet'),
      weight: 0.7,
      fillColor: style('--surface-chosen'),
      fillOpacity: 0.6,
    }
    const countries = feature(topology, topology.objects.countries)
    for (const { geometry } of countries.features) unwrap(geometry)
    L.geoJSON(countries, { style: outline, interactive: false, pane: below }).addTo(this.#map)
  }

  get center(): Center {
    const { lng, lat } = this.#map.getCenter().wrap()
    return { lon: lng, lat }
  }

  show({ places, chosen, circle }: Marks): void {
    this.#dots.clearLayers()
    for (const place of places) {
      const [lon = 0, lat = 0] = place.geometry.coordinates
      const isChosen = place.id === chosen
      L.circleMarker([lat, lon], {
        radius: isChosen ? 10 : 7,
        color: style('--surface'),
        weight: 2,
        fillColor: style(isChosen ? '--danger-text' : '--accent'),
        fillOpacity: 1,
        bubblingMouseEvents: false,
      })
        .bindTooltip(textOf(place.name))
        .on('click', () => this.#onChoose(place.id))
        .addTo(this.#dots)
    }
    this.#circle.clearLayers()
    if (circle) this.#showCircle(circle)
    else this.#beginAt(places)
  }

  #showCircle(circle: Center & { radius: number }): void {
    const drawn = L.circle([circle.lat, circle.lon], {
      radius: circle.radius,
      color: style('--accent'),
      weight: 1.5,
      fillOpacity: 0.08,
      interactive: false,
    }).addTo(this.#circle)
    this.#map.fitBounds(drawn.getBounds(), { animate: false })
  }

  /** The first time there are any: unless the person is looking elsewhere by then. */
  #beginAt(places: readonly Place[]): void {
    if (this.#hasMoved || places.length === 0) return
    const all = L.latLngBounds(
      places.map(({ geometry: { coordinates } }) => [coordinates[1] ?? 0, coordinates[0] ?? 0]),
    )
    this.#map.fitBounds(all.pad(0.2), { maxZoom: this.#closest, animate: false })
  }

  goTo(place: Place): void {
    const [lon = 0, lat = 0] = place.geometry.coordinates
    this.#map.setView([lat, lon], Math.max(this.#map.getZoom(), 6), { animate: false })
  }

  remove(): void {
    this.#map.remove()
  }
}

/** Where a border crosses the antimeridian it goes on beyond 180°, instead of leading once around the map. */
function unwrap(geometry: Geometry): void {
  const polygons =
    geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.type === 'MultiPolygon' ? geometry.coordinates : []
  for (const ring of polygons.flat()) {
    let shift = 0
    let before = ring[0]?.[0] ?? 0
    for (const position of ring) {
      const lon = position[0] ?? 0
      if (Math.abs(lon - before) > 180) shift += lon < before ? 360 : -360
      before = lon
      position[0] = lon + shift
    }
  }
}

/** A text is taken for HTML otherwise. */
function textOf(text: string): HTMLElement {
  const element = document.createElement('span')
  element.textContent = text
  return element
}

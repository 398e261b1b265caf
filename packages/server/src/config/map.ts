import type { Settings } from './settings.ts'

/** Pictures of the map from a tile server; without them the web app shows the outline it brings along. */
export interface MapTiles {
  /** With {z}, {x} and {y}. */
  url: string
  /** The one address beside ours that pages may load pictures from. */
  origin: string
  attribution: string
}

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

/** What is wrong with the settings of the map goes to `attempt`. */
export const readMapConfig = (
  { MAP_TILE_URL: text, MAP_TILE_ATTRIBUTION: attribution }: Settings,
  { production, attempt }: { production: boolean; attempt: Attempt },
): MapTiles | undefined =>
  text === ''
    ? undefined
    : attempt('MAP_TILE_URL', () => ({ url: text, origin: originOf(text, production), attribution }), undefined)

function originOf(text: string, production: boolean): string {
  const named = [...text.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name)
  for (const name of ['z', 'x', 'y'])
    if (named.filter((each) => each === name).length !== 1) throw new Error(`names {${name}} once`)
  const other = named.find((name) => !['z', 'x', 'y'].includes(name ?? ''))
  if (other !== undefined) throw new Error(`{${other}} is not known; one server gives all tiles`)
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw new Error('must be an https: address')
  if (production && url.protocol === 'http:') throw new Error('must be an https: address in production')
  if (url.username !== '' || url.password !== '') throw new Error('must not hold a name or a password')
  // It becomes part of the pages' policy, where some characters that a host may have would mean something else.
  if (!/^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)) throw new Error('the host must be written out')
  return url.origin
}

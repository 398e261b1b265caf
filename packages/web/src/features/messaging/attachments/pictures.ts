import type { Attachment } from '@atrium/client'

export type PictureFile = Attachment & { width: number; height: number }

export const isPicture = (file: Attachment): file is PictureFile =>
  file.width !== undefined && file.height !== undefined

const animatedUpTo = 3_000_000

/** The smallest that is sharp in a list; an animation moves, where it is not too heavy and nobody minds. */
export function previewOf(picture: PictureFile, count: number): string {
  const { content_type, size, url, variants } = picture
  const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  if (content_type === 'image/gif' && size <= animatedUpTo && !isStill) return url
  const wanted = (count > 1 ? 160 : 320) * window.devicePixelRatio
  return variants.find(({ width }) => width >= Math.min(wanted, 1024))?.url ?? variants.at(-1)?.url ?? url
}

/** As it fills a screen. */
export const screenOf = ({ content_type, url, variants }: PictureFile): string =>
  content_type === 'image/gif' || content_type === 'image/webp' ? url : (variants.at(-1)?.url ?? url)

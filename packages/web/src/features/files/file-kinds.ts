import {
  type Icon,
  IconFile,
  IconFileMusic,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconMovie,
  IconPhoto,
} from '@tabler/icons-react'

const icons: readonly [RegExp, Icon][] = [
  [/^image\//, IconPhoto],
  [/^video\//, IconMovie],
  [/^audio\//, IconFileMusic],
  [/pdf$/, IconFileTypePdf],
  [/zip|compressed|tar|x-7z|rar/, IconFileZip],
  [/^text\/|json|xml|document/, IconFileText],
]

export const iconOf = (contentType: string): Icon => icons.find(([kind]) => kind.test(contentType))?.[1] ?? IconFile

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** A size as people read it, in their language. */
export function sizeText(bytes: number, language: string): string {
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const unit = units[power] ?? 'byte'
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(language, {
    ...{ style: 'unit', unit, unitDisplay: power === 0 ? 'long' : 'short' },
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  }).format(value)
}

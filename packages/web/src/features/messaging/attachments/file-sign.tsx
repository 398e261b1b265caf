import { IconFile, IconFileMusic, IconFileText, IconFileZip, IconMovie, IconPhoto } from '@tabler/icons-react'

const signs = [
  [/^image\//, IconPhoto],
  [/^video\//, IconMovie],
  [/^audio\//, IconFileMusic],
  [/zip|compressed|x-tar|gzip|7z/, IconFileZip],
  [/^text\/|pdf|json|document|sheet|presentation/, IconFileText],
] as const

/** What kind of file it is, at a glance. */
export function FileSign({ type }: { type: string }) {
  const Sign = signs.find(([pattern]) => pattern.test(type))?.[1] ?? IconFile
  return <Sign size={22} stroke={1.6} aria-hidden />
}

import { maxNameLength } from './files.schema.ts'

/** Names that Windows takes for devices, whatever follows the first dot. */
const devices = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i

/**
 * A name that people see and systems save under: no path, nothing invisible, nothing that changes the direction of what
 * stands beside it. It is never part of a path of ours.
 */
export function cleanName(given: string): string {
  const last = given.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const visible = last
    // Controls, directions, things without width, line separators; a joiner stays where an emoji may need it.
    .replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\ufff0-\uffff]/gu, '')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()
    .replace(/^[. ]+|[. ]+$/g, '')
  const named = devices.test(visible) ? `_${visible}` : visible
  return shortened(named) || 'file'
}

/** Keeps the extension, and whole characters. */
function shortened(name: string): string {
  if (name.length <= maxNameLength && Buffer.byteLength(name) <= maxNameLength) return name
  const extension = /\.[A-Za-z0-9]{1,12}$/.exec(name)?.[0] ?? ''
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(name.slice(0, name.length - extension.length))) {
    if (Buffer.byteLength(kept + segment + extension) > maxNameLength) break
    kept += segment
  }
  return kept + extension
}

/** In lower case, without its dot. */
export const extensionOf = (name: string): string => /\.([A-Za-z0-9]{1,12})$/.exec(name)?.[1]?.toLowerCase() ?? ''

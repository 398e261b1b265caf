import { registerHooks } from 'node:module'

/** A piece of text that stands exactly once in its file, and what to put there. */
export type Edit = readonly [piece: string, replacement: string]

/**
 * Changes files of the server while it loads them, named without their ending and from its src folder. Throws, and the
 * server does not start, where a piece is not found: a break that breaks nothing would prove nothing.
 */
export function rewrite(edits: Readonly<Record<string, readonly Edit[]>>): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const name = /\/packages\/server\/src\/(.+)\.ts$/.exec(url)?.[1]
      const ours = name === undefined ? undefined : edits[name]
      if (!ours) return loaded
      let source = String(loaded.source)
      if (loaded.source instanceof Uint8Array) source = new TextDecoder().decode(loaded.source)
      for (const [piece, replacement] of ours) source = replaceOnce(source, piece, replacement, url)
      return { ...loaded, source }
    },
  })
}

function replaceOnce(source: string, piece: string, replacement: string, url: string): string {
  const parts = source.split(piece)
  if (parts.length !== 2) throw new Error(`${url} has ${parts.length - 1} times, not once: ${piece}`)
  return parts.join(replacement)
}

import { VisuallyHidden } from '@mantine/core'
import { useSyncExternalStore } from 'react'

let text = ''
const listeners = new Set<() => void>()

/** Reads a sentence to people who listen to the page. */
export function announce(sentence: string): void {
  // A screen reader keeps silent at a text that has not changed; an invisible space makes it new.
  text = sentence === text ? `${sentence}\u00a0` : sentence
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Announcer() {
  const sentence = useSyncExternalStore(subscribe, () => text)
  return (
    <VisuallyHidden aria-live="polite" role="status" data-testid="announcer">
      {sentence}
    </VisuallyHidden>
  )
}

import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { type WordPart, withWords } from './i18n.ts'

/** A piece of a page that is loaded when it is first shown, with its words. */
export const piece = <Props extends object>(
  words: WordPart,
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> =>
  lazy(() =>
    withWords(
      words,
      load().then((component) => ({ default: component })),
    ),
  )

import { createRootRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { type WordPart, withWords } from './i18n.ts'
import { NotFoundPage } from './not-found-page.tsx'
import { PageFailure } from './page-failure.tsx'

export const root = createRootRoute({ notFoundComponent: NotFoundPage, errorComponent: PageFailure })

/** A page that is loaded when somebody goes there, with its words. */
export const page = <Module extends Record<string, unknown>, Name extends keyof Module>(
  words: WordPart,
  load: () => Promise<Module>,
  name: Name,
) => lazyRouteComponent(() => withWords(words, load()), name as string) as ReturnType<typeof lazyRouteComponent>

/** A piece of a page that is loaded when it is first shown, with its words. */
export const piece = <Props extends object>(
  words: WordPart,
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> =>
  lazy(() =>
    withWords(
      words,
      load().then((default_) => ({ default: default_ })),
    ),
  )

import { createRootRoute, lazyRouteComponent } from '@tanstack/react-router'
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

import { createInstance } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { account } from '../words/account/en.ts'
import type { admin } from '../words/admin/en.ts'
import type { chat } from '../words/chat/en.ts'
import type { console } from '../words/console/en.ts'
import type { dashboard } from '../words/dashboard/en.ts'
import type { doctor } from '../words/doctor/en.ts'
import type { entry } from '../words/entry/en.ts'
import type { exposure } from '../words/exposure/en.ts'
import type { groups } from '../words/groups/en.ts'
import type { library } from '../words/library/en.ts'
import type { member } from '../words/member/en.ts'
import type { moderation } from '../words/moderation/en.ts'
import type { notices } from '../words/notices/en.ts'
import type { people } from '../words/people/en.ts'
import type { places } from '../words/places/en.ts'
import { start } from '../words/start/en.ts'
import type { tables } from '../words/tables/en.ts'
import type { webhooks } from '../words/webhooks/en.ts'

type Words = typeof start &
  typeof entry &
  typeof member &
  typeof chat &
  typeof account &
  typeof admin &
  typeof console &
  typeof dashboard &
  typeof doctor &
  typeof tables &
  typeof exposure &
  typeof groups &
  typeof library &
  typeof people &
  typeof places &
  typeof notices &
  typeof moderation &
  typeof webhooks

/** Words are loaded with the pages that say them; `start` is there from the beginning. */
export type WordPart =
  | 'start'
  | 'entry'
  | 'member'
  | 'chat'
  | 'account'
  | 'admin'
  | 'console'
  | 'dashboard'
  | 'doctor'
  | 'tables'
  | 'exposure'
  | 'groups'
  | 'library'
  | 'people'
  | 'places'
  | 'notices'
  | 'moderation'
  | 'webhooks'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Words }
  }
}

/** A folder for each part, a file in it for each language: `words/entry/de.ts` exports `entry: typeof entry`. */
const files = import.meta.glob<Record<string, object>>(['../words/*/*.ts', '!../words/start/en.ts'])

export const i18n = createInstance()
const loaded = new Map<WordPart, Promise<void>>()

/** Chooses the first of the browser's languages that has words, and loads those the first page needs. */
export async function openWords(wanted: readonly string[] = navigator.languages): Promise<void> {
  const known = ['en', ...Object.keys(files).map((path) => path.replace(/^.*\/(.+)\.ts$/, '$1'))]
  const language = wanted.map((tag) => tag.split('-')[0] ?? tag).find((tag) => known.includes(tag)) ?? 'en'
  await i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: start } },
    interpolation: { escapeValue: false },
  })
  document.documentElement.lang = language
  await loadWords('start')
}

function loadWords(part: WordPart): Promise<void> {
  const known = loaded.get(part)
  if (known) return known
  const loading = Promise.all([...new Set(['en', i18n.language])].map((language) => add(part, language))).then(() => {})
  loaded.set(part, loading)
  // Whoever asks next tries again.
  loading.catch(() => loaded.delete(part))
  return loading
}

async function add(part: WordPart, language: string): Promise<void> {
  const words = await files[`../words/${part}/${language}.ts`]?.()
  if (words?.[part]) i18n.addResourceBundle(language, 'translation', words[part], true, true)
}

/** A page, or a piece of one, together with the words it says. */
export async function withWords<Module>(part: WordPart, module: Promise<Module>): Promise<Module> {
  const [page] = await Promise.all([module, loadWords(part)])
  return page
}

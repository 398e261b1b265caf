import { createInstance } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en, type Words } from '../words/en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Words }
  }
}

/** Every other language is a file beside en.ts that exports its words under its own code: `export const de: Words`. */
const others = import.meta.glob<Record<string, Words>>(['../words/*.ts', '!../words/en.ts'])

export const i18n = createInstance()

/** Chooses the first of the browser's languages that has words, and loads them. */
export async function loadWords(wanted: readonly string[] = navigator.languages): Promise<void> {
  const known = ['en', ...Object.keys(others).map((path) => path.replace(/^.*\/(.+)\.ts$/, '$1'))]
  const language = wanted.map((tag) => tag.split('-')[0] ?? tag).find((tag) => known.includes(tag)) ?? 'en'
  await i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  })
  const words = await others[`../words/${language}.ts`]?.()
  if (words?.[language]) i18n.addResourceBundle(language, 'translation', words[language])
  document.documentElement.lang = language
}

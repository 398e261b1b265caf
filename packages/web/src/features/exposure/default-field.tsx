import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Column } from '../tables/types.ts'
import { type Draft, fromDraft } from '../tables/values/draft.ts'
import { ValueField } from '../tables/values/value-field.tsx'
import { useTimeZone } from '../tables/values/value-text.ts'

/** A column that may have no value, of which only the type counts. */
const typed = (type: string): Column => ({
  ...{ name: 'default', type, nullable: true, has_default: false, generated: false, writable: true },
  ...(type === 'text' ? { max_length: 200 } : {}),
})

/** Reads what is typed as a default; undefined where it does not fit, which `problem` then says. */
export function useDefault(type: string) {
  const { t } = useTranslation()
  const timeZone = useTimeZone()
  const [problem, setProblem] = useState<string>()
  const parse = (draft: Draft): unknown => {
    const parsed = fromDraft(draft, typed(type), timeZone)
    setProblem(parsed.problem && t(`data.problems.${parsed.problem}`))
    return parsed.problem ? undefined : parsed.value
  }
  return { problem, parse }
}

interface DefaultFieldProps {
  type: string
  label: string
  hint: string
  draft: Draft
  onChange: (draft: Draft) => void
  error: string | undefined
}

export function DefaultField({ type, ...props }: DefaultFieldProps) {
  return <ValueField column={typed(type)} {...props} />
}

import type { Meta } from '@atrium/client'
import type { TFunction } from 'i18next'
import { useEffect, useState } from 'react'
import { client } from '../../app/client.ts'

let known: Meta | undefined
let asking: Promise<Meta | undefined> | undefined

/** Asked once for each time the app is opened; undefined when the server did not answer. */
export function loadMeta(): Promise<Meta | undefined> {
  asking ??= client.meta().then(
    (meta) => {
      known = meta
      return meta
    },
    () => {
      asking = undefined
      return undefined
    },
  )
  return asking
}

/** The next look asks anew. */
export function forgetMeta(): void {
  known = undefined
  asking = undefined
}

/** What the server says of itself before anyone signs in; undefined until it has answered, and nothing depends on it. */
export function useMeta(): Meta | undefined {
  const [meta, setMeta] = useState(known)
  useEffect(() => {
    void loadMeta().then(setMeta)
  }, [])
  return meta
}

/** The rule for passwords in one sentence, as this server is set up. */
export function passwordRule(meta: Meta | undefined, t: TFunction): string {
  const { name, min_length: min } = meta?.password_policy ?? { name: 'standard', min_length: 8 }
  return name === 'classes' ? t('password.ruleClasses', { min }) : t('password.rule', { min })
}

import type { Meta } from '@atrium/client'
import type { TFunction } from 'i18next'
import { useEffect, useState } from 'react'
import { client } from '../../app/client.ts'

/** What the server says of itself before anyone signs in; undefined until it has answered, and nothing depends on it. */
export function useMeta(): Meta | undefined {
  const [meta, setMeta] = useState<Meta>()
  useEffect(() => {
    client.meta().then(setMeta, () => {})
  }, [])
  return meta
}

/** The rule for passwords in one sentence, as this server is set up. */
export function passwordRule(meta: Meta | undefined, t: TFunction): string {
  const { name, min_length: min } = meta?.password_policy ?? { name: 'standard', min_length: 8 }
  return name === 'classes' ? t('password.ruleClasses', { min }) : t('password.rule', { min })
}

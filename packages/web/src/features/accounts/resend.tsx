import { Anchor, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'

/** Long enough for a mail to arrive, so that nobody presses it in a row. */
const restMs = 30_000

/** Asks for the mail again, and says what came of it. */
export function Resend({ send }: { send: () => Promise<void> }) {
  const { t } = useTranslation()
  const [state, setState] = useState<'idle' | 'sending' | 'sent'>('idle')
  const [failure, setFailure] = useState<string>()

  useEffect(() => {
    if (state !== 'sent') return
    const timer = setTimeout(() => setState('idle'), restMs)
    return () => clearTimeout(timer)
  }, [state])

  const ask = async () => {
    setState('sending')
    setFailure(undefined)
    try {
      await send()
      setState('sent')
    } catch (error) {
      setFailure(explainError(error, t))
      setState('idle')
    }
  }

  return (
    <Text c="dimmed" mt="lg" component="div">
      {t('mail.nothing')}{' '}
      {state !== 'sent' && (
        <Anchor component="button" type="button" fw={600} disabled={state === 'sending'} onClick={() => void ask()}>
          {t('mail.again')}
        </Anchor>
      )}
      <span role="status">{state === 'sent' && t('mail.sentAgain')}</span>
      {failure && (
        <Text c="var(--danger-text)" mt="xs" role="alert">
          {failure}
        </Text>
      )}
    </Text>
  )
}

import { ApiError } from '@atrium/client'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { canOfferPasskeys, loadPasskeys } from './passkey-support.ts'
import type { NeedSecond } from './steps.ts'

interface PasskeySignInOptions {
  /** As the form says it when the passkey answers. */
  remember: () => boolean
  onSecond: NeedSecond
  /** Without a text: another try begins. */
  onFailure: (text: string | undefined) => void
}

/** Signing in with a passkey: chosen among the names at the field, or asked for with a button. */
export function usePasskeySignIn({ remember, onSecond, onFailure }: PasskeySignInOptions) {
  const { t } = useTranslation()
  const [isBusy, setBusy] = useState(false)

  const signIn = async (assertion: object) => {
    const kept = remember()
    const result = await client.session.signInWithPasskey({ assertion, remember: kept })
    if (result.status === 'mfa_required') onSecond(result, kept)
  }

  const offer = async (signal: AbortSignal): Promise<void> => {
    let assertion: object
    const { offerPasskeys, explainPasskey } = await loadPasskeys()
    try {
      const options = await client.session.passkeyOptions()
      // A question that comes late would take back the one that took its place.
      if (signal.aborted) return
      assertion = await offerPasskeys(options)
    } catch {
      // Nobody asked for anything yet, so nobody is told.
      return
    }
    if (signal.aborted) return
    try {
      onFailure(undefined)
      await signIn(assertion)
    } catch (error) {
      if (signal.aborted) return
      // The page may have been open for longer than a challenge is good for.
      const isLate = error instanceof ApiError && error.code === 'passkey_invalid'
      onFailure(isLate ? t('passkey.late') : explainPasskey(error, t))
      await offer(signal)
    }
  }

  const latest = useRef(offer)
  latest.current = offer
  /** Ends what is offered now. One question is open at a time: the field's, or the button's. */
  const offered = useRef(new AbortController())
  const isGone = useRef(false)

  const offerAnew = async () => {
    if (isGone.current) return
    offered.current = new AbortController()
    const { signal } = offered.current
    if ((await canOfferPasskeys()) && !signal.aborted) await latest.current(signal)
  }
  const begin = useRef(offerAnew)

  useEffect(() => {
    isGone.current = false
    void begin.current()
    return () => {
      isGone.current = true
      offered.current.abort()
      void loadPasskeys().then(({ takeBackQuestion }) => takeBackQuestion())
    }
  }, [])

  const ask = async () => {
    setBusy(true)
    onFailure(undefined)
    offered.current.abort()
    const { askPasskey, explainPasskey } = await loadPasskeys()
    try {
      await signIn(await askPasskey(await client.session.passkeyOptions()))
    } catch (error) {
      onFailure(explainPasskey(error, t))
      void offerAnew()
    } finally {
      setBusy(false)
    }
  }

  return { isBusy, ask: () => void ask() }
}

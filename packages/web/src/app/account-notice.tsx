import { Anchor, CloseButton } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMeta } from '../features/accounts/use-meta.ts'
import classes from './account-notice.module.css'
import { announce } from './announcer.tsx'
import { client } from './client.ts'
import { explainError } from './error-words.ts'
import { useUser } from './session.ts'

/** What an account still lacks, above every page until it is done or hidden. */
export function AccountNotice() {
  const { t } = useTranslation()
  const me = useUser()
  const meta = useMeta()
  const [isHidden, setHidden] = useState(false)
  // No mail reaches an address that ends so (RFC 2606): there is nothing to wait for.
  const hasMailbox = me.email !== null && !me.email.endsWith('.invalid')
  const isUnproved = me.kind === 'person' && !me.email_verified && hasMailbox && meta?.features.verification === true
  if (isHidden || !(isUnproved || me.kind === 'guest')) return null
  return (
    <aside className={classes.notice} data-testid="account-notice">
      {isUnproved ? (
        <VerifyNotice email={me.email ?? ''} />
      ) : (
        <div className={classes.text}>
          <span>{t('notice.guest')}</span>
          <Anchor component={Link} to="/sign-up" className={classes.action ?? ''}>
            {t('notice.guestAction')}
          </Anchor>
        </div>
      )}
      <CloseButton
        size="sm"
        aria-label={t('notice.hide')}
        onClick={() => setHidden(true)}
        className={classes.close ?? ''}
      />
    </aside>
  )
}

function VerifyNotice({ email }: { email: string }) {
  const { t } = useTranslation()
  const [result, setResult] = useState<string>()
  const resend = async () => {
    const text = await client.session.resendVerification(email).then(
      () => t('notice.sent'),
      (error: unknown) => explainError(error, t),
    )
    setResult(text)
    announce(text)
  }
  return (
    <div className={classes.text}>
      <span>
        {t('notice.verify', { email })} {result}
      </span>
      {!result && (
        <Anchor component="button" type="button" className={classes.action ?? ''} onClick={() => void resend()}>
          {t('notice.resend')}
        </Anchor>
      )}
      <Anchor component={Link} to="/verify-email" className={classes.action ?? ''}>
        {t('notice.code')}
      </Anchor>
    </div>
  )
}

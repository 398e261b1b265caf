import { Button } from '@mantine/core'
import { IconFingerprint, IconMail } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { knownProviders } from './entry.ts'
import classes from './other-ways.module.css'
import { hasPasskeys } from './passkey-support.ts'

interface OtherWaysProps {
  /** Where to go afterwards. */
  to: string | undefined
  remember: boolean
  onPasskey: () => void
  isPasskeyBusy: boolean
  /** Absent where no mail is sent. */
  onMail: (() => void) | undefined
}

/** The address that leads to another site and back to `to`. */
function leaving(initiateUrl: string, to: string | undefined, remember: boolean): string {
  const url = new URL(initiateUrl, window.location.origin)
  if (to) url.searchParams.set('redirect_to', to)
  if (!remember) url.searchParams.set('remember', 'false')
  return url.href
}

export function OtherWays({ to, remember, onPasskey, isPasskeyBusy, onMail }: OtherWaysProps) {
  const { t } = useTranslation()
  const providers = knownProviders()
  const isEmpty = !hasPasskeys() && !onMail && providers.length === 0
  if (isEmpty) return null
  return (
    <>
      <p className={classes.or}>{t('signIn.or')}</p>
      <div className={classes.ways}>
        {hasPasskeys() && (
          <Button
            variant="default"
            px="xs"
            loading={isPasskeyBusy}
            leftSection={<IconFingerprint size={20} stroke={1.6} aria-hidden />}
            onClick={onPasskey}
          >
            {t('signIn.passkey')}
          </Button>
        )}
        {onMail && (
          <Button variant="default" leftSection={<IconMail size={20} stroke={1.6} aria-hidden />} onClick={onMail}>
            {t('signIn.mail')}
          </Button>
        )}
        {providers.map(({ id, name, initiate_url }) => (
          <Button
            key={id}
            component="a"
            variant="default"
            className={classes.provider ?? ''}
            href={leaving(initiate_url, to, remember)}
            leftSection={
              <span className={classes.letter} aria-hidden="true">
                {name.slice(0, 1)}
              </span>
            }
          >
            {t('signIn.provider', { name })}
          </Button>
        ))}
      </div>
    </>
  )
}

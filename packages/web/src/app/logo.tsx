import { useTranslation } from 'react-i18next'
import classes from './logo.module.css'

/** Two arches, one inside the other: the court in the middle of a house. */
export function LogoMark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className={classes.mark}>
      <rect width="32" height="32" rx="9" fill="currentColor" />
      <path d="M7.5 25V15.5a8.5 8.5 0 0 1 17 0V25" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M12.4 25v-9.2a3.6 3.6 0 0 1 7.2 0V25z" fill="#fff" />
    </svg>
  )
}

export function Logo({ size = 32 }: { size?: number }) {
  return (
    <span className={classes.logo} style={{ fontSize: size * 0.72 }}>
      <LogoMark size={size} />
      Atrium
    </span>
  )
}

export function Splash() {
  const { t } = useTranslation()
  return (
    <div className={classes.splash} role="status" aria-label={t('app.loading')}>
      <LogoMark size={48} />
    </div>
  )
}

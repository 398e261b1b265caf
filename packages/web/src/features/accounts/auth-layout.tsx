import { Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Logo } from '../../app/logo.tsx'
import { SchemeToggle } from '../../app/scheme-toggle.tsx'
import classes from './auth-layout.module.css'
import { Courtyard } from './courtyard.tsx'

interface AuthLayoutProps {
  title: string
  text: string
  children?: ReactNode
}

export function AuthLayout({ title, text, children }: AuthLayoutProps) {
  const { t } = useTranslation()
  const heading = useHeadingFocus(title)
  return (
    <div className={classes.page}>
      <div className={classes.side}>
        <header className={classes.header}>
          <Logo size={30} />
          <SchemeToggle />
        </header>
        <main className={classes.main}>
          <Stack gap={4} mb="xl">
            <Title order={1} ref={heading} tabIndex={-1}>
              {title}
            </Title>
            <Text c="dimmed">{text}</Text>
          </Stack>
          {children}
        </main>
      </div>
      <div className={classes.picture} aria-hidden="true">
        <Courtyard className={classes.courtyard} />
        <p className={classes.tagline}>{t('app.tagline')}</p>
      </div>
    </div>
  )
}

let lastTitle: string | undefined

/** Where a step follows another one, the keyboard and the screen reader go on at its heading, or at its first field. */
function useHeadingFocus(title: string): React.RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const isFollowing = lastTitle !== undefined && lastTitle !== title
    lastTitle = title
    // A field that takes the focus by itself has done so by now.
    if (isFollowing && document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [title])
  return heading
}

import { Anchor, Button, Text, Title } from '@mantine/core'
import { IconAlertCircle, IconCheck, IconCircleDashed, IconLoader2, IconMinus } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { Failure } from '../../app/failure.tsx'
import { Logo } from '../../app/logo.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useSession } from '../../app/session.ts'
import classes from './doctor.module.css'
import { type CheckState, checkIds, type Examination, examine, nothingYet } from './examine.ts'
import { FoundCard } from './found-card.tsx'
import { sayFound } from './say.ts'
import { SendReport } from './send-report.tsx'

/** For everybody, signed in or not: most of what it finds keeps people from signing in. */
export function DoctorPage() {
  const { t } = useTranslation()
  const { user, status } = useSession()
  const [state, setState] = useState<Examination>(nothingYet)
  usePageTitle(t('doctor.title'))

  const isSignedIn = status === 'signed-in'
  const timeZone = user?.time_zone ?? null
  const begin = useCallback(() => {
    let isStale = false
    setState(nothingYet)
    void examine({ isSignedIn, timeZone }, (next) => {
      if (!isStale) setState(next)
    })
    return () => {
      isStale = true
    }
  }, [isSignedIn, timeZone])
  // A session that is still being asked for would be taken for none.
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt begins anew.
  useEffect(begin, [begin, attempt])

  const said = state.found.map((each) => sayFound(each, t))
  const summary = said.length === 0 ? t('doctor.fine') : t('doctor.summary', { count: said.length })
  const { isDone } = state
  useEffect(() => {
    if (isDone) announce(summary)
  }, [isDone, summary])

  return (
    <main className={classes.page}>
      <header className={classes.head}>
        <Logo />
        <Anchor href="/">{t('doctor.home')}</Anchor>
      </header>
      {state.isClosed ? (
        <Failure title={t('doctor.closedTitle')} text={t('doctor.closedText')} />
      ) : (
        <>
          <Title order={1}>{t('doctor.title')}</Title>
          <Text c="dimmed">{t('doctor.text')}</Text>
          <div className={classes.bar}>
            <p className={classes.summary} data-testid="doctor-summary" data-done={isDone}>
              {isDone ? summary : t('doctor.running')}
            </p>
            <Button variant="default" disabled={!isDone} onClick={() => setAttempt(attempt + 1)}>
              {t('doctor.again')}
            </Button>
          </div>
          {said.length > 0 && (
            <ul className={classes.found} aria-label={t('doctor.findings')}>
              {said.map((each) => (
                <li key={each.id}>
                  <FoundCard found={each} />
                </li>
              ))}
            </ul>
          )}
          <ul className={classes.checks} aria-label={t('doctor.results')}>
            {checkIds.map((id) => (
              <li key={id} className={classes.check} data-state={state.states[id]}>
                <StateMark state={state.states[id]} />
                <span>{t(`doctor.check.${id}`)}</span>
                <span className={classes.state}>{t(`doctor.state.${state.states[id]}`)}</span>
              </li>
            ))}
          </ul>
          {isDone && <SendReport key={attempt} found={said} />}
        </>
      )}
    </main>
  )
}

const marks = {
  waiting: IconCircleDashed,
  running: IconLoader2,
  fine: IconCheck,
  found: IconAlertCircle,
  skipped: IconMinus,
}

function StateMark({ state }: { state: CheckState }) {
  const Icon = marks[state]
  return <Icon size={20} stroke={1.9} aria-hidden className={classes.mark} />
}

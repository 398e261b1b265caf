import { CloseButton } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './account-notice.module.css'
import own from './announcements.module.css'
import { client } from './client.ts'

const queryKey = ['announcements']
const storageKey = 'atrium.hidden-announcements'
const mostRemembered = 50

/** What everybody is told, above every page. One that is hidden stays hidden in this browser, until it is changed. */
export function Announcements() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [hidden, setHidden] = useState(readHidden)
  const { data } = useQuery({
    queryKey,
    queryFn: async () => (await client.api.GET('/api/v1/announcements')).data,
    // News tell of changes; that one begins or ends, the clock does.
    refetchInterval: 60_000,
    retry: false,
  })
  useEffect(() => {
    const reload = () => void cache.invalidateQueries({ queryKey })
    const stops = [
      client.live.onEphemeral('announcements.changed', reload),
      client.live.subscribe((state) => {
        if (state === 'live') reload()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [cache])
  const shown = (data ?? []).filter((each) => !each.dismissible || !hidden.includes(`${each.id} ${each.version}`))
  const hide = (key: string) => {
    const next = [...hidden, key].slice(-mostRemembered)
    setHidden(next)
    writeHidden(next)
  }
  return shown.map(({ id, version, level, text, dismissible }) => (
    <aside
      key={id}
      className={`${classes.notice} ${own[level] ?? ''}`}
      data-testid="announcement"
      role={level === 'critical' ? 'alert' : 'status'}
    >
      <div className={classes.text}>
        <span>{text}</span>
      </div>
      {dismissible && (
        <CloseButton
          size="sm"
          aria-label={t('announcement.hide')}
          onClick={() => hide(`${id} ${version}`)}
          className={classes.close ?? ''}
        />
      )}
    </aside>
  ))
}

/** Storage throws where a person has switched it off; then it is hidden until the page is loaded again. */
function readHidden(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : []
  } catch {
    return []
  }
}

function writeHidden(keys: readonly string[]): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(keys))
  } catch {}
}

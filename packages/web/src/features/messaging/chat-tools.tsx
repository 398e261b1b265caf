import { ActionIcon, Popover, TextInput } from '@mantine/core'
import '@mantine/core/styles/Popover.css'
import { IconCalendar, IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { knownTimeZone, startOfDay } from '../../app/dates.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { setSearchOpen } from './search/search-open.ts'

/** Ways to older messages: by their words, and by their day. */
export function ChatTools({ conversationId, since }: { conversationId: string; since: string }) {
  const { t } = useTranslation()
  return (
    <>
      <DayPicker conversationId={conversationId} since={since} />
      <ActionIcon
        variant="subtle"
        color="gray"
        size={40}
        aria-label={t('search.title')}
        title={`${t('search.title')} (Ctrl+K)`}
        onClick={() => setSearchOpen(true)}
      >
        <IconSearch size={20} stroke={1.75} aria-hidden />
      </ActionIcon>
    </>
  )
}

function DayPicker({ conversationId, since }: { conversationId: string; since: string }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const navigate = useNavigate()
  const [isOpen, setOpen] = useState(false)
  const today = dates.dayKey(new Date())

  const go = (day: string) => {
    if (!/^\d{4}-\d\d-\d\d$/.test(day)) return
    setOpen(false)
    const at = startOfDay(day, knownTimeZone(me.time_zone)).toISOString()
    void navigate({ to: '/messages/$conversationId', params: { conversationId }, search: { at } })
  }

  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" radius="lg" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={40}
          aria-label={t('chat.goToDay')}
          title={t('chat.goToDay')}
          onClick={() => setOpen(!isOpen)}
        >
          <IconCalendar size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            go(String(new FormData(event.currentTarget).get('day')))
          }}
        >
          <TextInput
            type="date"
            name="day"
            label={t('chat.goToDay')}
            description={t('chat.goToDayHint')}
            min={dates.dayKey(new Date(since))}
            max={today}
            data-autofocus
          />
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

import { Menu, UnstyledButton } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { IconChevronDown, IconPin } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { personName } from '../../people/person.ts'
import { useChat } from '../chat-actions.ts'
import { plainWords } from '../message/markdown.ts'
import { pinsQuery } from '../queries.ts'
import classes from './pinned-bar.module.css'

/** What was pinned for all: the newest pin in one line, the others behind a button. */
export function PinnedBar({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation()
  const { jumpTo } = useChat()
  const { data: pins = [] } = useQuery(pinsQuery(conversationId))
  const [newest] = pins
  if (!newest) return null
  return (
    <div className={classes.bar}>
      <IconPin size={18} stroke={1.75} aria-hidden />
      <UnstyledButton className={classes.newest ?? ''} onClick={() => jumpTo(newest)}>
        <span className={classes.title}>{t('chat.pinnedBy', { name: personName(newest.sender) })}</span>
        <span className={classes.words}>{plainWords(newest.text, newest.format)}</span>
      </UnstyledButton>
      {pins.length > 1 && (
        <Menu position="bottom-end" width={320} radius="lg" shadow="md" withinPortal>
          <Menu.Target>
            <UnstyledButton className={classes.all ?? ''}>
              {t('chat.pins', { count: pins.length })}
              <IconChevronDown size={16} aria-hidden />
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown p="xs" mah={360} style={{ overflowY: 'auto' }}>
            {pins.map((pin) => (
              <Menu.Item key={pin.id} onClick={() => jumpTo(pin)}>
                <span className={classes.title}>{personName(pin.sender)}</span>
                <span className={classes.words}>{plainWords(pin.text, pin.format)}</span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  )
}

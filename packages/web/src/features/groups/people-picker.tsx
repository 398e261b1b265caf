import type { PublicUser } from '@atrium/client'
import { CloseButton, TextInput, VisuallyHidden } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import { friendsQuery } from '../people/queries.ts'
import classes from './groups.module.css'

interface PeoplePickerProps {
  label: string
  hint?: string
  chosen: readonly PublicUser[]
  onChange: (chosen: PublicUser[]) => void
  /** Who is there already. */
  without?: readonly string[]
}

/** Chooses several people: friends to begin with, anybody by name. */
export function PeoplePicker({ label, hint, chosen, onChange, without = [] }: PeoplePickerProps) {
  const { t } = useTranslation()
  const me = useUser()
  const id = useId()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const [wanted] = useDebouncedValue(text.trim().replace(/^@/, ''), 250)
  const friends = useInfiniteQuery({ ...friendsQuery, enabled: may(me, 'friends:read') })
  const query = useQuery({
    queryKey: ['people', wanted],
    queryFn: () => client.people.search(wanted),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const pool =
    wanted === '' ? (friends.data?.pages.flatMap(({ data }) => data.map(({ user }) => user)) ?? []) : query.data?.data
  const left = new Set([me.id, ...without, ...chosen.map((each) => each.id)])
  const found = (pool ?? []).filter((each) => !left.has(each.id)).slice(0, 8)

  const add = (person: PublicUser) => {
    onChange([...chosen, person])
    setText('')
    setActive(0)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const person = found[Math.min(active, found.length - 1)]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setActive((active + step + found.length) % found.length)
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      // Never sends the form around it: the name is half typed.
      event.preventDefault()
      if (person) add(person)
    } else if (event.key === 'Backspace' && text === '') onChange(chosen.slice(0, -1))
  }

  return (
    <div>
      <TextInput
        label={label}
        description={hint}
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-found`}
        aria-activedescendant={found[active] ? `${id}-${found[active].id}` : undefined}
        aria-autocomplete="list"
        placeholder={t('picker.placeholder')}
        autoComplete="off"
        spellCheck={false}
        leftSection={<IconSearch size={18} stroke={1.75} aria-hidden />}
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <VisuallyHidden role="status">
        {wanted !== '' && query.data ? t('picker.found', { count: found.length }) : ''}
      </VisuallyHidden>
      {chosen.length > 0 && (
        <ul className={classes.chosen} aria-label={t('picker.chosen')}>
          {chosen.map((person) => (
            <li key={person.id} className={classes.pick}>
              <PersonAvatar person={person} size={24} />
              {personName(person)}
              <CloseButton
                size="sm"
                radius="xl"
                aria-label={t('picker.remove', { name: personName(person) })}
                onClick={() => onChange(chosen.filter((each) => each.id !== person.id))}
              />
            </li>
          ))}
        </ul>
      )}
      <div id={`${id}-found`} role="listbox" aria-label={label} className={classes.candidates}>
        {found.map((person, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys.
          <div
            key={person.id}
            id={`${id}-${person.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className={classes.candidate}
            onClick={() => add(person)}
          >
            <PersonAvatar person={person} size={34} />
            <span>
              {personName(person)} <span className={classes.quiet}>@{person.username}</span>
            </span>
          </div>
        ))}
      </div>
      {wanted !== '' && query.data && found.length === 0 && <p className={classes.quiet}>{t('picker.none')}</p>}
    </div>
  )
}

import type { Conversation, Person } from '@atrium/client'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { membersNamedQuery } from '../../groups/queries.ts'
import { useKnownPeople } from '../known-people.ts'
import { mentionAt, type Selected, withMention } from './marked-text.ts'
import { type Mentionable, mentionName } from './mention-list.tsx'

const most = 8

/** Completion of names in a text field. `open` while there is somebody to choose. */
export function useMentions(conversation: Conversation, myId: string) {
  const known = useKnownPeople(conversation, myId)
  const [typed, setTyped] = useState<{ from: number; name: string }>()
  const [active, setActive] = useState(0)
  // Of a large group only some are known here.
  const [name] = useDebouncedValue(typed?.name ?? '', 150)
  const { data: others = [] } = useQuery({
    ...membersNamedQuery(conversation.id, name),
    enabled: name !== '' && conversation.member_count > known.length + 1,
    placeholderData: keepPreviousData,
  })
  const people = useMemo(() => {
    const isNew = ({ id }: Person) => id !== myId && !known.some((each) => each.id === id)
    return [...known, ...others.filter(isNew)]
  }, [known, others, myId])

  const choices = useMemo(
    () => (typed ? choicesFor(typed.name, people, conversation.kind) : []),
    [typed, people, conversation.kind],
  )

  return {
    choices,
    active: Math.min(active, choices.length - 1),
    isOpen: choices.length > 0,
    /** The text or the caret has changed. */
    look(text: string, caret: number) {
      setTyped(mentionAt(text, caret))
      setActive(0)
    },
    move(step: number) {
      setActive((Math.min(active, choices.length - 1) + step + choices.length) % choices.length)
    },
    close: () => setTyped(undefined),
    choose(selected: Selected, each: Mentionable): Selected {
      setTyped(undefined)
      return withMention(selected, typed?.from ?? selected.end, mentionName(each))
    },
  }
}

function choicesFor(name: string, people: readonly Person[], kind: Conversation['kind']): Mentionable[] {
  const wanted = name.toLowerCase()
  const fits = ({ username, display_name }: Person) =>
    [username, ...(display_name ?? '').split(/\s+/)].some((each) => each.toLowerCase().startsWith(wanted))
  const found: Mentionable[] = people.filter(fits).slice(0, most)
  return kind !== 'direct' && 'all'.startsWith(wanted) ? [...found, 'all'] : found
}

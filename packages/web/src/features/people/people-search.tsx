import type { PublicUser } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { Loader, Text, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { useUser } from '../../app/session.ts'
import { useOpenConversation } from '../messaging/use-open-conversation.ts'
import { PeopleResults } from './people-results.tsx'
import { personName } from './person.ts'

export function PeopleSearch() {
  const { t } = useTranslation()
  const me = useUser()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const [wanted] = useDebouncedValue(text.trim().replace(/^@/, ''), 250)
  const query = useQuery({
    queryKey: ['people', wanted],
    queryFn: () => client.people.search(wanted),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const found = wanted === '' ? [] : (query.data?.data ?? []).filter(({ id }) => id !== me.id)
  const open = useOpenConversation()

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const person = found[Math.min(active, found.length - 1)]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setActive((active + step + found.length) % found.length)
    } else if (event.key === 'Enter' && person && !event.nativeEvent.isComposing) {
      event.preventDefault()
      open.mutate(person)
    }
  }

  const isSearching = query.isFetching || text.trim().replace(/^@/, '') !== wanted
  return (
    <>
      <TextInput
        mt="lg"
        size="lg"
        radius="xl"
        type="search"
        role="combobox"
        aria-label={t('people.label')}
        aria-expanded={found.length > 0}
        aria-controls="people-found"
        aria-activedescendant={found[active] ? `person-${found[active].id}` : undefined}
        aria-describedby="people-keys"
        aria-autocomplete="list"
        placeholder={t('people.placeholder')}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        leftSection={<IconSearch size={20} stroke={1.75} aria-hidden />}
        rightSection={isSearching && wanted !== '' ? <Loader size="xs" aria-hidden /> : null}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <VisuallyHidden id="people-keys">{t('people.keys')}</VisuallyHidden>
      <VisuallyHidden role="status">
        {wanted !== '' && query.data && t('people.found', { count: found.length })}
      </VisuallyHidden>
      {open.error && (
        <Text c="var(--danger-text)" mt="md" role="alert">
          {explainOpen(open.error, open.variables)}
        </Text>
      )}
      {query.error && !query.data ? (
        <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <PeopleResults found={found} active={active} onChoose={(person) => open.mutate(person)} />
      )}
      {found.length === 0 && !query.error && (
        <Text c="dimmed" mt="xl" ta="center">
          {wanted !== '' && query.data && !isSearching
            ? t('people.none', { text: wanted })
            : wanted === '' && t('people.start')}
        </Text>
      )}
    </>
  )

  function explainOpen(error: unknown, person: PublicUser | undefined): string {
    if (me.kind === 'guest') return t('people.guest')
    const isNotAllowed = error instanceof ApiError && error.code === 'messaging_not_allowed' && person
    return isNotAllowed ? t('people.notAllowed', { name: personName(person) }) : explainError(error, t)
  }
}

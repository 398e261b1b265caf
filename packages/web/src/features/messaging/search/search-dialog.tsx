import type { Message, MessageHit } from '@atrium/client'
import { Checkbox, Loader, Modal, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBookmark, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { explainError } from '../../../app/error-words.ts'
import { bookmarksQuery } from '../queries.ts'
import classes from './search-dialog.module.css'
import { SearchHit } from './search-hit.tsx'
import { heldSearch } from './search-state.ts'

const searchQuery = (q: string, conversationId: string | undefined, withFile: boolean) => ({
  queryKey: ['search', q, conversationId ?? null, withFile],
  queryFn: ({ pageParam }: { pageParam: string | null }) =>
    client.messages.search({
      q,
      ...(conversationId ? { conversation_id: conversationId } : {}),
      ...(withFile ? { has: 'file' as const } : {}),
      ...(pageParam ? { cursor: pageParam } : {}),
    }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ page }: Awaited<ReturnType<typeof client.messages.search>>) => page.next_cursor,
  // What was written meanwhile is to be found too.
  staleTime: 0,
  gcTime: 60_000,
})

/** The word one is still typing counts by its beginning, once there is enough of it. */
const asTyped = (text: string): string =>
  text
    .trim()
    .slice(0, 199)
    .replace(/[\p{L}\p{N}]{3}$/u, '$&*')

/** Finds messages by their words, in all conversations or in the open one, and shows those one keeps. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { conversationId } = useParams({ strict: false })
  const id = useId()
  const [text, setText] = useState(heldSearch.text)
  const [isHere, setHere] = useState(heldSearch.isHere && conversationId !== undefined)
  const [withFile, setWithFile] = useState(heldSearch.withFile)
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const [q] = useDebouncedValue(asTyped(text), 200)
  const found = useInfiniteQuery({
    ...searchQuery(q, isHere ? conversationId : undefined, withFile),
    enabled: q !== '',
  })
  const kept = useQuery({ ...bookmarksQuery, enabled: q === '' })

  const hits: MessageHit[] =
    q === ''
      ? (kept.data ?? []).map((message) => ({ message, marks: [] }))
      : (found.data?.pages.flatMap(({ data }) => data) ?? [])

  const hold = (change: Partial<typeof heldSearch>) => {
    Object.assign(heldSearch, change)
    setActive(0)
  }

  const go = ({ id: at, conversation_id }: Message) => {
    onClose()
    void navigate({ to: '/messages/$conversationId', params: { conversationId: conversation_id }, search: { at } })
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && hits.length > 0) {
      event.preventDefault()
      const next = Math.max(0, Math.min(active + step, hits.length - 1))
      setActive(next)
      list.current?.querySelector(`[data-hit="${next}"]`)?.scrollIntoView({ block: 'nearest' })
      if (next > hits.length - 4 && found.hasNextPage && !found.isFetching) void found.fetchNextPage()
    }
    const hit = hits[active]
    if (event.key === 'Enter' && hit) {
      event.preventDefault()
      go(hit.message)
    }
  }

  const isSearching = q !== '' && found.isFetching
  const error = q === '' ? kept.error : found.error
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size="lg"
      padding={0}
      yOffset="8dvh"
      centered={false}
      aria-label={t('search.title')}
    >
      <div className={classes.head}>
        <TextInput
          data-autofocus
          role="combobox"
          aria-label={t('search.title')}
          aria-expanded={hits.length > 0}
          aria-controls={`${id}-hits`}
          aria-activedescendant={hits.length > 0 ? `${id}-${active}` : undefined}
          placeholder={t('search.placeholder')}
          leftSection={<IconSearch size={18} stroke={1.75} aria-hidden />}
          rightSection={isSearching ? <Loader size={16} /> : null}
          maxLength={200}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value)
            hold({ text: event.currentTarget.value })
          }}
          onKeyDown={onKeyDown}
        />
        {conversationId && (
          <Checkbox
            size="sm"
            label={t('search.here')}
            checked={isHere}
            onChange={(event) => {
              setHere(event.currentTarget.checked)
              hold({ isHere: event.currentTarget.checked })
            }}
          />
        )}
        <Checkbox
          size="sm"
          label={t('search.withFile')}
          checked={withFile}
          onChange={(event) => {
            setWithFile(event.currentTarget.checked)
            hold({ withFile: event.currentTarget.checked })
          }}
        />
      </div>
      <div ref={list} className={classes.scroller}>
        {q === '' && hits.length > 0 && (
          <h3 className={classes.title}>
            <IconBookmark size={15} aria-hidden /> {t('search.kept')}
          </h3>
        )}
        <div id={`${id}-hits`} role="listbox" aria-label={q === '' ? t('search.kept') : t('search.found')}>
          {hits.map((hit, index) => (
            <SearchHit
              key={hit.message.id}
              id={`${id}-${index}`}
              index={index}
              hit={hit}
              isActive={index === active}
              onChoose={() => go(hit.message)}
            />
          ))}
        </div>
        {found.hasNextPage && q !== '' && (
          <button type="button" className={classes.more} onClick={() => void found.fetchNextPage()}>
            {t('app.more')}
          </button>
        )}
        <div role="status" className={classes.state}>
          {error && (
            <Text>
              {explainError(error, t)}{' '}
              <button
                type="button"
                className={classes.more}
                onClick={() => void (q ? found.refetch() : kept.refetch())}
              >
                {t('app.retry')}
              </button>
            </Text>
          )}
          {!error && hits.length === 0 && <Text c="dimmed">{emptyWords()}</Text>}
        </div>
      </div>
      <p className={classes.keys}>{t('search.keys')}</p>
    </Modal>
  )

  function emptyWords(): string {
    if (q === '') return t('search.start')
    return isSearching ? t('search.searching') : t('search.none', { text: q })
  }
}

import type { User } from '@atrium/client'
import { type ReactNode, type SyntheticEvent, useEffect, useState } from 'react'
import { client, wordsOf } from './client.ts'
import { useMessages, usePending } from './hooks.ts'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

interface OpenConversationProps {
  id: string
  name: string
  me: User
  onBack(): void
}

export function OpenConversation({ id, name, me, onBack }: OpenConversationProps) {
  const { messages, failure, load } = useMessages(id)
  const pending = usePending(id)
  const [refusal, setRefusal] = useState('')
  const newest = messages?.at(-1)?.seq

  useEffect(() => {
    if (newest) client.conversations.markRead(id, newest).catch(() => {}) // The next message tells it as well.
  }, [id, newest])

  function send(event: SyntheticEvent<HTMLFormElement>): void {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get('text')).trim()
    if (text) client.outbox.send(id, text)
    event.currentTarget.reset()
  }

  async function sendFile(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? []
    if (!file) return
    setRefusal('')
    try {
      const stored = await client.files.upload(file, { purpose: 'attachment' })
      client.outbox.send(id, '', { attachments: [stored] })
    } catch (error) {
      setRefusal(wordsOf(error))
    }
    input.value = ''
  }

  return (
    <main>
      <div className="row">
        <button type="button" className="plain back" onClick={onBack}>
          Back
        </button>
        <h2>{name}</h2>
      </div>
      {failure && !messages ? (
        <div className="empty">
          <p role="alert">{failure}</p>
          <button type="button" onClick={load}>
            Try again
          </button>
        </div>
      ) : messages?.length === 0 && pending.length === 0 ? (
        <p className="empty">Say hello to {name}.</p>
      ) : (
        <Scroller>
          {messages?.map(({ seq, sender, text, attachments, created_at, deleted_at }) => (
            <li key={seq} className={sender.id === me.id ? 'own' : ''}>
              <p>{deleted_at ? <em>Deleted</em> : text}</p>
              {attachments.map((file) => (
                <a key={file.id} href={file.url}>
                  {file.name}
                </a>
              ))}
              <small>
                {sender.display_name ?? sender.username}, {clock.format(new Date(created_at))}
              </small>
            </li>
          ))}
          {pending.map(({ clientId, text, state, error }) => (
            <li key={clientId} className="own" data-state={state}>
              <p>{text}</p>
              <small>{state === 'sending' ? 'On its way…' : (error?.detail ?? 'Not sent.')}</small>
              {state === 'failed' && (
                <button type="button" onClick={() => client.outbox.retry(clientId)}>
                  Try again
                </button>
              )}
            </li>
          ))}
        </Scroller>
      )}
      <form className="row" onSubmit={send}>
        <label>
          <span className="hidden">Message</span>
          <input name="text" placeholder="Write a message" autoComplete="off" maxLength={4000} />
        </label>
        <label className="file">
          File
          <input className="hidden" type="file" onChange={(event) => void sendFile(event.currentTarget)} />
        </label>
        <button type="submit" className="main">
          Send
        </button>
        {refusal && <p role="alert">{refusal}</p>}
      </form>
    </main>
  )
}

/** Stays at the newest message while messages come. */
const Scroller = ({ children }: { children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keyboard
  <div className="scroller" role="log" aria-label="Messages" tabIndex={0}>
    <ol className="messages">{children}</ol>
  </div>
)

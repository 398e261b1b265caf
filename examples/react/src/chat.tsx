import type { Conversation, User } from '@atrium/client'
import { type SyntheticEvent, useState } from 'react'
import { client, wordsOf } from './client.ts'
import { useConversations, useLiveState } from './hooks.ts'
import { OpenConversation } from './open-conversation.tsx'

/** Conversations of two have no title: they are called as the other person is. */
const nameOf = ({ title, members_preview }: Conversation, me: User): string => {
  const others = members_preview.filter(({ id }) => id !== me.id)
  return title ?? (others.map(({ display_name, username }) => display_name ?? username).join(', ') || 'Somebody')
}

export function Chat({ me }: { me: User }) {
  const { conversations, failure, load } = useConversations()
  const liveState = useLiveState()
  const [open, setOpen] = useState<Conversation>()
  const [refusal, setRefusal] = useState('')

  async function writeTo(event: SyntheticEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    const username = String(new FormData(form).get('username'))
    setRefusal('')
    try {
      setOpen(await client.conversations.create({ kind: 'direct', username }))
      form.reset()
    } catch (error) {
      setRefusal(wordsOf(error))
    }
  }

  return (
    <div className="chat" data-open={open !== undefined}>
      <header>
        <h1>Harbour</h1>
        <span className="quiet">{me.display_name ?? me.username}</span>
        <button type="button" onClick={() => client.session.logout().catch((error) => setRefusal(wordsOf(error)))}>
          Sign out
        </button>
      </header>
      {liveState !== 'live' && (
        <p className="notice" role="status">
          Connecting…
        </p>
      )}
      <nav aria-label="Conversations">
        <form className="row" onSubmit={writeTo}>
          <label>
            <span className="hidden">Write to</span>
            <input name="username" placeholder="Write to a username" autoCapitalize="none" required />
          </label>
          <button type="submit">Open</button>
          {refusal && <p role="alert">{refusal}</p>}
        </form>
        {failure && (
          <div className="empty">
            <p role="alert">{failure}</p>
            <button type="button" onClick={load}>
              Try again
            </button>
          </div>
        )}
        {conversations?.length === 0 && <p className="empty">No conversations yet. Write to somebody above.</p>}
        <ul className="people">
          {conversations?.map((conversation) => (
            <li key={conversation.id}>
              <button type="button" aria-current={conversation.id === open?.id} onClick={() => setOpen(conversation)}>
                <strong>{nameOf(conversation, me)}</strong>
                {conversation.unread_count > 0 && <span className="badge">{conversation.unread_count}</span>}
                <span className="quiet">
                  {conversation.last_message ? conversation.last_message.text || '…' : 'No messages yet'}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      {open ? (
        <OpenConversation
          key={open.id}
          id={open.id}
          name={nameOf(open, me)}
          me={me}
          onBack={() => setOpen(undefined)}
        />
      ) : (
        <main>
          <p className="empty">Choose a conversation.</p>
        </main>
      )}
    </div>
  )
}

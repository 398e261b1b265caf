import { ApiError, createClient, NetworkError } from '@atrium/client'

/** @import { Conversation, Message } from '@atrium/client' */

const baseUrl = document.querySelector('meta[name="atrium"]')?.getAttribute('content') ?? location.origin
const client = createClient({ baseUrl })

/** @type {<Kind extends HTMLElement>(selector: string, within?: ParentNode) => Kind} */
const find = (selector, within = document) => /** @type {never} */ (within.querySelector(selector))

/** @type {(tag: string, text: string, properties?: object) => HTMLElement} Text is text here, never HTML. */
const element = (tag, text, properties = {}) =>
  Object.assign(document.createElement(tag), { textContent: text }, properties)

/** Tells what went wrong in the alert of a part of the page. @type {(part: Element, error?: unknown) => void} */
function tell(part, error) {
  const alert = find('[role="alert"]', part)
  alert.hidden = error === undefined
  if (error === undefined || typeof error === 'string') alert.textContent = error ?? ''
  else if (error instanceof ApiError) alert.textContent = [error.message, ...error.fieldErrors.values()].join(' ')
  else if (error instanceof NetworkError) alert.textContent = 'The server cannot be reached.'
  else throw error
}

// ── Who is signed in ────────────────────────────────────────────────────────────────────────────────────────────────

const [waiting, door, chat] = [find('#waiting'), find('#sign-in'), find('#chat')]

async function begin() {
  const [moment, failed] = [find('[role="status"]', waiting), find('.card', waiting)]
  moment.hidden = false
  failed.hidden = true
  await client.session.load().catch((error) => {
    moment.hidden = true
    failed.hidden = false
    tell(failed, error)
  })
}
find('button', waiting).onclick = begin

client.session.subscribe(({ status, user }) => {
  waiting.hidden = status !== 'unknown'
  door.hidden = status !== 'signed-out'
  chat.hidden = !user
  find('#me').textContent = user?.display_name ?? user?.username ?? ''
  if (!user) openConversation()
  else void loadConversations()
})

const entry = /** @type {HTMLFormElement} */ (find('form', door))
let [isNew, mfaToken] = [false, '']

/** Shows the fields that are asked for, and takes the others out of the form. */
function showFields() {
  const wanted = { username: !mfaToken, email: isNew && !mfaToken, password: !mfaToken, code: mfaToken !== '' }
  for (const [name, isWanted] of Object.entries(wanted)) {
    const field = find(`[name="${name}"]`, entry)
    Object.assign(field, { disabled: !isWanted })
    Object.assign(field.closest('label') ?? {}, { hidden: !isWanted })
  }
  find('h1', entry).textContent = isNew ? 'Come in' : 'Welcome back'
  find('label span', entry).textContent = isNew ? 'Username' : 'Username or email'
  find('.main', entry).textContent = isNew ? 'Create account' : 'Sign in'
  find('.plain', entry).textContent = isNew ? 'I have an account' : 'I am new here'
}
find('.plain', entry).onclick = () => {
  isNew = !isNew
  showFields()
}

/** @type {(form: FormData) => Promise<string | undefined>} Whoever gets in is told by the session. */
async function enter(form) {
  const text = (/** @type {string} */ name) => String(form.get(name))
  const [username, password] = [text('username'), text('password')]
  if (mfaToken) {
    await client.session.verifyMfa({ mfa_token: mfaToken, method: 'totp', code: text('code') })
    mfaToken = ''
  } else if (isNew) {
    const answer = await client.session.register({ username, email: text('email'), password })
    if (answer.status === 'verification_required') return 'Open the link in the mail we sent you, then sign in.'
  } else {
    const answer = await client.session.login({ identifier: username, password })
    if (answer.status === 'mfa_required') mfaToken = answer.mfa_token
    else entry.reset()
  }
  return undefined
}
entry.addEventListener('submit', async (event) => {
  event.preventDefault()
  tell(entry, await enter(new FormData(entry)).catch((error) => error))
  showFields()
})
find('#sign-out').onclick = () => client.session.logout().catch((error) => tell(writeTo, error))

// ── Conversations ───────────────────────────────────────────────────────────────────────────────────────────────────

/** @type {Conversation | undefined} */
let open
/** By place in the conversation: the same message comes by more than one way. @type {Map<number, Message>} */
const messages = new Map()
const writeTo = /** @type {HTMLFormElement} */ (find('#write-to'))

/** Conversations of two have no title: they are called as the other person is. @type {(of: Conversation) => string} */
function nameOf({ title, members_preview }) {
  const others = members_preview.filter(({ id }) => id !== client.session.user?.id)
  return title ?? (others.map(({ display_name, username }) => display_name ?? username).join(', ') || 'Somebody')
}

let wanted = 0
/** Whatever happens, the server says how the list is now: once for all that came meanwhile. */
async function loadConversations() {
  wanted += 1
  if (wanted > 1) return
  for (let seen = 0; seen !== wanted; ) {
    seen = wanted
    await client.conversations.list().then(
      ({ data }) => showConversations(data),
      (error) => tell(writeTo, error),
    )
  }
  wanted = 0
}

/** @type {(conversations: Conversation[]) => void} */
function showConversations(conversations) {
  tell(writeTo)
  find('#no-conversations').hidden = conversations.length > 0
  const rows = conversations.map((conversation) => {
    const { last_message: last, unread_count: unread } = conversation
    const button = element('button', '', { type: 'button', onclick: () => openConversation(conversation) })
    button.setAttribute('aria-current', String(conversation.id === open?.id))
    button.append(element('strong', nameOf(conversation)))
    if (unread > 0) button.append(element('span', String(unread), { className: 'badge' }))
    button.append(element('span', last ? last.text || '…' : 'No messages yet', { className: 'quiet' }))
    const row = element('li', '')
    row.append(button)
    return row
  })
  find('#conversations').replaceChildren(...rows)
}

writeTo.addEventListener('submit', async (event) => {
  event.preventDefault()
  const username = String(new FormData(writeTo).get('username'))
  try {
    openConversation(await client.conversations.create({ kind: 'direct', username }))
    writeTo.reset()
  } catch (error) {
    tell(writeTo, error)
  }
})

// ── The open conversation ───────────────────────────────────────────────────────────────────────────────────────────

const write = /** @type {HTMLFormElement} */ (find('#write'))
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** @type {(conversation?: Conversation) => void} */
function openConversation(conversation) {
  open = conversation
  messages.clear()
  chat.dataset.open = String(open !== undefined)
  find('#name').textContent = open ? nameOf(open) : 'No conversation'
  write.hidden = open === undefined
  show()
  if (open) void loadMessages(open.id).then(loadConversations)
}
find('#back').onclick = () => openConversation()

/** @type {(id: string) => Promise<void>} */
async function loadMessages(id) {
  await client.conversations.messages(id, { limit: 50 }).then(
    ({ data }) => take(data),
    (error) => tell(write, error),
  )
}

/** Of two versions of a message the higher is the newer. @type {(found: Message[]) => void} */
function take(found) {
  for (const message of found)
    if (message.conversation_id === open?.id && message.version >= (messages.get(message.seq)?.version ?? 0))
      messages.set(message.seq, message)
  const newest = Math.max(...messages.keys())
  // Where it fails, the next message tells it as well.
  if (open && messages.size > 0) client.conversations.markRead(open.id, newest).catch(() => {})
  show()
}

/** @type {(message: Message) => HTMLElement} */
function messageRow({ sender, text, attachments, created_at, deleted_at }) {
  const row = element('li', '', { className: sender.id === client.session.user?.id ? 'own' : '' })
  row.append(element(deleted_at ? 'em' : 'p', deleted_at ? 'Deleted' : text))
  for (const { name, url } of attachments) row.append(element('a', name, { href: baseUrl + url }))
  row.append(element('small', `${sender.display_name ?? sender.username}, ${clock.format(new Date(created_at))}`))
  return row
}

function show() {
  const pending = open ? client.outbox.pending(open.id) : []
  const waitingRows = pending.map(({ clientId, text, state, error }) => {
    const row = element('li', '', { className: 'own' })
    row.dataset.state = state
    row.append(
      element('p', text),
      element('small', state === 'sending' ? 'On its way…' : (error?.detail ?? 'Not sent.')),
    )
    if (state === 'failed')
      row.append(element('button', 'Try again', { type: 'button', onclick: () => client.outbox.retry(clientId) }))
    return row
  })
  const stored = [...messages.values()].sort((one, other) => one.seq - other.seq).map(messageRow)
  find('#messages').replaceChildren(...stored, ...waitingRows)
  find('#no-messages').hidden = stored.length + waitingRows.length > 0
  find('#no-messages').textContent = open ? `Say hello to ${nameOf(open)}.` : 'Choose a conversation.'
}

write.addEventListener('submit', (event) => {
  event.preventDefault()
  const text = String(new FormData(write).get('text')).trim()
  if (open && text) client.outbox.send(open.id, text)
  write.reset()
})
const fileField = /** @type {HTMLInputElement} */ (find('[type="file"]', write))
fileField.onchange = async () => {
  const [file] = fileField.files ?? []
  const to = open?.id
  if (!file || !to) return
  tell(write)
  try {
    const stored = await client.files.upload(file, { purpose: 'attachment' })
    client.outbox.send(to, '', { attachments: [stored] })
  } catch (error) {
    tell(write, error)
  }
  fileField.value = ''
}

// ── What happens meanwhile ──────────────────────────────────────────────────────────────────────────────────────────

for (const type of /** @type {const} */ (['message.created', 'message.updated', 'message.deleted']))
  client.live.on(type, ({ data }) => take([data]))
for (const type of /** @type {const} */ ([
  ...['message.created', 'message.updated', 'message.deleted', 'message.receipt'],
  ...['conversation.created', 'conversation.updated', 'conversation.removed'],
]))
  client.live.on(type, () => void loadConversations())
client.live.onStreams({
  added: (stream) => news(stream),
  // What is held is worth nothing any more: away for too long, say.
  reset: (stream) => {
    if (open && stream === `conversation:${open.id}`) messages.clear()
    return news(stream)
  },
  removed: () => void loadConversations(),
})
/** @type {(stream: string) => Promise<void> | undefined} */
function news(stream) {
  void loadConversations()
  return open && stream === `conversation:${open.id}` ? loadMessages(open.id) : undefined
}
client.outbox.onSent((message) => take([message]))
client.outbox.subscribe(show)
client.live.subscribe((state) => {
  find('#connecting').hidden = state === 'live'
})
client.live.connect()
await begin()

import type { Account, Conversations, Files, Messages, People, Sessions } from './contract.ts'
import { uploadFile } from './files/uploading.ts'
import { contentOf, type Http } from './http/api.ts'
import type { StoredFile } from './types.ts'

const paged = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })

export const conversationsOf = (http: Http): Conversations => ({
  setAvatar: async (id, file) => {
    const params = { path: { id } }
    return (await contentOf(http.PUT('/api/v1/conversations/{id}/avatar', { params, body: formOf(file) as never })))
      .avatar
  },
  removeAvatar: async (id) => {
    await http.DELETE('/api/v1/conversations/{id}/avatar', { params: { path: { id } } })
  },
  list: (cursor) => contentOf(http.GET('/api/v1/conversations', { params: { query: paged(cursor) } })),
  pinned: () => contentOf(http.GET('/api/v1/conversations', { params: { query: { pinned: true, limit: 100 } } })),
  get: (id) => contentOf(http.GET('/api/v1/conversations/{id}', { params: { path: { id } } })),
  create: (body) => contentOf(http.POST('/api/v1/conversations', { body })),
  messages: (id, query = {}) =>
    contentOf(http.GET('/api/v1/conversations/{id}/messages', { params: { path: { id }, query } })),
  markRead: (id, seq) =>
    contentOf(http.PUT('/api/v1/conversations/{id}/read', { params: { path: { id } }, body: { seq } })),
  markUnread: (id, seq) =>
    contentOf(http.PUT('/api/v1/conversations/{id}/unread', { params: { path: { id } }, body: { seq } })),
  receipts: async (id) =>
    (await contentOf(http.GET('/api/v1/conversations/{id}/receipts', { params: { path: { id } } }))).data,
  pins: async (id) => (await contentOf(http.GET('/api/v1/conversations/{id}/pins', { params: { path: { id } } }))).data,
  pin: async (id, message_id, on) => {
    const params = { path: { id, message_id } }
    if (on) await http.PUT('/api/v1/conversations/{id}/pins/{message_id}', { params })
    else await http.DELETE('/api/v1/conversations/{id}/pins/{message_id}', { params })
  },
})

export const messagesOf = (http: Http): Messages => ({
  get: (id) => contentOf(http.GET('/api/v1/messages/{id}', { params: { path: { id } } })),
  edit: (id, text) => contentOf(http.PATCH('/api/v1/messages/{id}', { params: { path: { id } }, body: { text } })),
  delete: async (id, target) => {
    await http.DELETE('/api/v1/messages/{id}', { params: { path: { id }, query: { for: target } } })
  },
  react: async (id, emoji, on) => {
    const params = { path: { id, emoji } }
    if (on) return (await contentOf(http.PUT('/api/v1/messages/{id}/reactions/{emoji}', { params }))).reactions
    await http.DELETE('/api/v1/messages/{id}/reactions/{emoji}', { params })
    return undefined
  },
  history: async (id) =>
    (await contentOf(http.GET('/api/v1/messages/{id}/history', { params: { path: { id } } }))).data,
  search: (query) => contentOf(http.GET('/api/v1/search/messages', { params: { query } })),
  bookmarks: async () => (await contentOf(http.GET('/api/v1/bookmarks'))).data,
  bookmark: async (message_id, on) => {
    const params = { path: { message_id } }
    if (on) await http.PUT('/api/v1/bookmarks/{message_id}', { params })
    else await http.DELETE('/api/v1/bookmarks/{message_id}', { params })
  },
})

const isId = (user: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(user)

export const peopleOf = (http: Http): People => ({
  search: (search, cursor) => contentOf(http.GET('/api/v1/users', { params: { query: { search, ...paged(cursor) } } })),
  get: (name) => {
    const user = isId(name) || name.startsWith('@') ? name : `@${name}`
    return contentOf(http.GET('/api/v1/users/{user}', { params: { path: { user } } }))
  },
})

const formOf = (file: Blob): FormData => {
  const form = new FormData()
  form.set('file', file)
  return form
}

export const accountOf = (http: Http): Account => ({
  setAvatar: async (file) =>
    (await contentOf(http.PUT('/api/v1/users/me/avatar', { body: formOf(file) as never }))).avatar,
  removeAvatar: async () => {
    await http.DELETE('/api/v1/users/me/avatar')
  },
  get: () => contentOf(http.GET('/api/v1/users/me')),
  update: (body, version) => {
    const headers = version === undefined ? {} : { 'if-match': `"v${version}"` }
    return contentOf(http.PATCH('/api/v1/users/me', { body, headers }))
  },
  changePassword: async (body) => {
    await http.PUT('/api/v1/users/me/password', { body })
  },
})

export const sessionsOf = (http: Http): Sessions => ({
  list: () => contentOf(http.GET('/api/v1/users/me/sessions')),
  revoke: async (session_id) => {
    await http.DELETE('/api/v1/users/me/sessions/{session_id}', { params: { path: { session_id } } })
  },
  revokeOthers: async () => {
    const query = { others: true } as const
    return (await contentOf(http.DELETE('/api/v1/users/me/sessions', { params: { query } }))).revoked
  },
})

export const filesOf = (http: Http): Files => ({
  list: (cursor) => contentOf(http.GET('/api/v1/files', { params: { query: paged(cursor) } })),
  get: (id) => contentOf(http.GET('/api/v1/files/{id}', { params: { path: { id } } })) as Promise<StoredFile>,
  update: (id, body) => contentOf(http.PATCH('/api/v1/files/{id}', { params: { path: { id } }, body })),
  delete: async (id) => {
    await http.DELETE('/api/v1/files/{id}', { params: { path: { id } } })
  },
  link: (id, expires_in, download = false) =>
    contentOf(http.POST('/api/v1/files/{id}/signed-url', { params: { path: { id } }, body: { expires_in, download } })),
  upload: (file, options = {}) => uploadFile(http, file, options),
})

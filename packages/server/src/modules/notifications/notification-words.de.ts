import type { NotificationWords } from './notification-words.ts'

export const german: NotificationWords = {
  someone: 'Jemand',
  types: {
    message_mention: { title: '{actor} hat Sie erwähnt', body: '{preview}' },
    message_reply: { title: '{actor} hat Ihnen geantwortet', body: '{preview}' },
    conversation_invite: { title: '{actor} hat Sie zu einer Unterhaltung hinzugefügt', body: null },
    friend_request: { title: '{actor} möchte mit Ihnen befreundet sein', body: null },
    friend_accepted: { title: '{actor} und Sie sind jetzt befreundet', body: null },
    message_reaction: { title: '{actor} hat auf Ihre Nachricht reagiert: {emoji}', body: '{preview}' },
    report_resolved: { title: 'Ihre Meldung wurde geprüft', body: 'Danke, dass Sie uns Bescheid gegeben haben.' },
    system: { title: 'Neues vom Betreiber dieser Seite', body: '{text}' },
  },
}

import type { NotificationWords } from './notification-words.ts'

export const english: NotificationWords = {
  someone: 'Someone',
  types: {
    message_mention: { title: '{actor} mentioned you', body: '{preview}' },
    message_reply: { title: '{actor} replied to you', body: '{preview}' },
    conversation_invite: { title: '{actor} added you to a conversation', body: null },
    friend_request: { title: '{actor} would like to be friends with you', body: null },
    friend_accepted: { title: '{actor} and you are friends now', body: null },
    message_reaction: { title: '{actor} reacted to your message: {emoji}', body: '{preview}' },
    report_resolved: { title: 'Your report was looked into', body: 'Thank you for telling us.' },
    system: { title: 'News from the people who run this site', body: '{text}' },
  },
}

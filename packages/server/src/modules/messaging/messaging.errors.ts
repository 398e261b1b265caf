import { defineErrors, platformErrors } from '../../platform/errors.ts'

/** Also thrown for a conversation that exists but is not the actor's: membership must not be guessable. */
export const noConversation = () => platformErrors.not_found({ detail: 'There is no such conversation' })
export const noMessage = () => platformErrors.not_found({ detail: 'There is no such message' })

export const lastOwner = () =>
  platformErrors.state_conflict({ detail: 'You are the last owner: make somebody else an owner first' })

export const messagingErrors = defineErrors({
  client_id_reused: [
    'invalid',
    'This client_id was used for another message',
    'Make a new client_id for every message; repeat one only to send the same message again.',
  ],
  not_a_member: ['forbidden', 'You have not joined this channel', 'Join it first.'],
  edit_window_over: [
    'forbidden',
    'This message is too old to be edited',
    'Write a new message. How long messages can be edited is a setting of the server.',
  ],
  message_deleted: ['gone', 'This message was deleted', 'Nothing more can be done with it.'],
})

/** It was used up, withdrawn, is too old, or never was one. */
export const noInvitation = () => platformErrors.gone({ detail: 'This invitation cannot be used any more' })

/** For requests that name their target in one of several ways. Throws validation_failed. */
export function assertExactlyOne(fields: Record<string, unknown>): void {
  const names = Object.keys(fields)
  if (names.filter((name) => fields[name] !== undefined).length === 1) return
  throw invalid(`/${names[0]}`, 'required', `Send one of ${names.join(' and ')}`)
}

export const invalid = (pointer: string, code: string, message: string) =>
  platformErrors.validation_failed({ detail: message, members: { errors: [{ pointer, code, message }] } })

import { defineErrors, platformErrors } from '../../platform/errors.ts'

/** Also thrown for a conversation that exists but is not the actor's: membership must not be guessable. */
export const noConversation = () => platformErrors.not_found({ detail: 'There is no such conversation' })

export const messagingErrors = defineErrors({
  client_id_reused: [
    'invalid',
    'This client_id was used for another message',
    'Make a new client_id for every message; repeat one only to send the same message again.',
  ],
  self_reference: ['invalid', 'That would be a conversation with yourself', 'Choose someone else.'],
})

/** For requests that name their target in one of several ways. Throws validation_failed. */
export function assertExactlyOne(fields: Record<string, unknown>): void {
  const names = Object.keys(fields)
  if (names.filter((name) => fields[name] !== undefined).length === 1) return
  const message = `Send one of ${names.join(' and ')}`
  throw platformErrors.validation_failed({
    detail: message,
    members: { errors: [{ pointer: `/${names[0]}`, code: 'required', message }] },
  })
}

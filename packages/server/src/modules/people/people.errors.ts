import { defineErrors, platformErrors } from '../../platform/errors.ts'

/** Also thrown for somebody who is hidden from the actor: a block must not be guessable. */
export const noSuchPerson = () => platformErrors.not_found({ detail: 'There is no such user' })

export const peopleErrors = defineErrors({
  self_reference: ['invalid', 'That is yourself', 'Choose someone else.'],
  already_friends: ['conflict', 'You are friends already', 'There is nothing left to do.'],
  request_exists: ['conflict', 'You have asked this person already', 'Wait for the answer, or withdraw the request.'],
  messaging_not_allowed: [
    'forbidden',
    'This person does not take messages from you',
    'Send a friend request: many take messages from friends only.',
  ],
})

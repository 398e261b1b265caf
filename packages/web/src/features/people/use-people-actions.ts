import type { PublicUser } from '@atrium/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { personName } from './person.ts'
import { reloadRelations } from './queries.ts'

type Action = 'ask' | 'accept' | 'decline' | 'cancel' | 'remove' | 'block' | 'unblock'

interface Step {
  action: Action
  person: PublicUser
  /** Of the request, for accept, decline and cancel. */
  requestId?: string
}

const done = {
  ask: 'friends.requestSent',
  accept: 'friends.accepted',
  decline: 'friends.declined',
  cancel: 'friends.cancelled',
  remove: 'friends.removed',
  block: 'blocked.done',
  unblock: 'blocked.undone',
} as const

/** What changes how two people stand to each other. */
export function usePeopleActions() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const step = useMutation({
    mutationFn: async ({ action, person, requestId = '' }: Step) => {
      const request = { params: { path: { id: requestId } } }
      const user = { params: { path: { user: person.id } } }
      const { api } = client
      if (action === 'ask') await api.POST('/api/v1/friend-requests', { body: { username: person.username } })
      else if (action === 'accept') await api.POST('/api/v1/friend-requests/{id}/accept', request)
      else if (action === 'decline') await api.POST('/api/v1/friend-requests/{id}/decline', request)
      else if (action === 'cancel') await api.DELETE('/api/v1/friend-requests/{id}', request)
      else if (action === 'remove') await api.DELETE('/api/v1/friends/{user}', user)
      else if (action === 'block') await api.PUT('/api/v1/blocks/{user}', user)
      else await api.DELETE('/api/v1/blocks/{user}', user)
    },
    onSuccess: (_, { action, person }) => announce(t(done[action], { name: personName(person) })),
    // Also when it failed: somebody may have been faster on another device.
    onSettled: () => reloadRelations(cache),
  })
  const isBusy = (action: Action, person: PublicUser) =>
    step.isPending && step.variables.action === action && step.variables.person.id === person.id
  return { start: step.mutate, isBusy, error: step.error, isPending: step.isPending, forget: step.reset }
}

export type PeopleActions = ReturnType<typeof usePeopleActions>

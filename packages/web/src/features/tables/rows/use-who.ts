import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { useUser } from '../../../app/session.ts'

/** Told to administrators and to themselves; whoever is gone has no name any more. */
export function useWho(id: string | null): string | undefined {
  const { t } = useTranslation()
  const me = useUser()
  const isMe = id === me.id
  const person = useQuery({
    queryKey: ['people', 'named', id],
    queryFn: () => client.people.get(id ?? ''),
    enabled: id !== null && !isMe,
    staleTime: 5 * 60_000,
    retry: false,
  })
  if (isMe) return t('data.history.you')
  return person.data && (person.data.display_name || person.data.username)
}

import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { forgetDrafts } from '../messaging/drafts.ts'

/** The router leads to the sign-in page once the session is gone. */
export function useSignOut() {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.session.logout(),
    onSuccess: forgetDrafts,
  })
  return { signOut: () => mutate(), isPending, failure: error ? explainError(error, t) : undefined }
}

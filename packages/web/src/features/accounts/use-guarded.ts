import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { useIdentityCheck } from './identity-check.tsx'

interface GuardedOptions<Input, Result> {
  run: (input: Input) => Promise<Result>
  /** What is asked anew afterwards, also when it failed. */
  renews?: readonly QueryKey[]
  /** Not called when the person cancels. */
  onDone?: (result: Result, input: Input) => void
  /** Words for a refusal that is expected here; undefined for every other. */
  explain?: (error: unknown) => string | undefined
}

/** A change of the account: asks who is there where the server wants to know, and says what went wrong. */
export function useGuarded<Input = void, Result = unknown>(options: GuardedOptions<Input, Result>) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const change = useMutation<{ result: Result } | undefined, Error, Input>({
    mutationFn: (input) => confirm(async () => ({ result: await options.run(input) })),
    onSuccess: (answer, input) => answer && options.onDone?.(answer.result, input),
    onSettled: () => Promise.all((options.renews ?? []).map((queryKey) => cache.invalidateQueries({ queryKey }))),
  })
  const { error } = change
  return {
    start: change.mutate,
    isPending: change.isPending,
    failure: error ? (options.explain?.(error) ?? explainError(error, t)) : undefined,
    forget: change.reset,
  }
}

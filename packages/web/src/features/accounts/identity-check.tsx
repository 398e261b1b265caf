import { ApiError } from '@atrium/client'
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from 'react'

const IdentityDialog = lazy(() => import('./identity-dialog.tsx'))

type Confirm = <Result>(action: () => Promise<Result>) => Promise<Result | undefined>

const ConfirmContext = createContext<Confirm | null>(null)

interface Question {
  answer: (isConfirmed: boolean) => void
}

/** Holds the dialog that asks for the password; see `useIdentityCheck`. */
export function IdentityCheck({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null)

  const confirm = useCallback<Confirm>(async (action) => {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'reauthentication_required') throw error
    }
    const isConfirmed = await new Promise<boolean>((answer) => setQuestion({ answer }))
    setQuestion(null)
    return isConfirmed ? action() : undefined
  }, [])

  return (
    <ConfirmContext value={confirm}>
      {children}
      {question && (
        <Suspense fallback={null}>
          <IdentityDialog onConfirmed={() => question.answer(true)} onCancel={() => question.answer(false)} />
        </Suspense>
      )}
    </ConfirmContext>
  )
}

/**
 * Runs a call; where the server wants to be sure who is there, asks for the password and repeats it. Answers undefined
 * when the person cancels.
 */
export function useIdentityCheck(): Confirm {
  const confirm = useContext(ConfirmContext)
  if (!confirm) throw new Error('IdentityCheck is missing above')
  return confirm
}

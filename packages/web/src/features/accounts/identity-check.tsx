import { ApiError } from '@atrium/client'
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from 'react'

const IdentityDialog = lazy(() => import('./identity-dialog.tsx'))

type Confirm = <Result>(action: () => Promise<Result>) => Promise<Result | undefined>

const ConfirmContext = createContext<Confirm | null>(null)

interface Question {
  /** Only a second factor will do. */
  needsSecondFactor: boolean
  answer: (isConfirmed: boolean) => void
}

/** Holds the dialog that asks who is there; see `useIdentityCheck`. */
export function IdentityCheck({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null)

  const confirm = useCallback<Confirm>(async (action) => {
    // Twice at most: the password first where that is due, then the second factor where the call asks for one.
    for (let questions = 0; ; questions++) {
      try {
        return await action()
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'reauthentication_required' || questions === 2) throw error
        const needsSecondFactor = error.problem.required_aal === 2
        const isConfirmed = await new Promise<boolean>((answer) => setQuestion({ needsSecondFactor, answer }))
        setQuestion(null)
        if (!isConfirmed) return undefined
      }
    }
  }, [])

  return (
    <ConfirmContext value={confirm}>
      {children}
      {question && (
        <Suspense fallback={null}>
          <IdentityDialog
            needsSecondFactor={question.needsSecondFactor}
            onConfirmed={() => question.answer(true)}
            onCancel={() => question.answer(false)}
          />
        </Suspense>
      )}
    </ConfirmContext>
  )
}

/**
 * Runs a call; where the server wants to be sure who is there, asks for the password or a second factor and repeats it. Answers undefined
 * when the person cancels.
 */
export function useIdentityCheck(): Confirm {
  const confirm = useContext(ConfirmContext)
  if (!confirm) throw new Error('IdentityCheck is missing above')
  return confirm
}

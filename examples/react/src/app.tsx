import { useCallback, useEffect, useState } from 'react'
import { Chat } from './chat.tsx'
import { client, wordsOf } from './client.ts'
import { useSession } from './hooks.ts'
import { SignIn } from './sign-in.tsx'

export function App() {
  const { status, user } = useSession()
  const [failure, setFailure] = useState('')
  const load = useCallback(() => {
    setFailure('')
    client.session.load().catch((error) => setFailure(wordsOf(error)))
  }, [])
  useEffect(load, [load])

  if (user) return <Chat key={user.id} me={user} />
  if (status === 'signed-out') return <SignIn />
  return (
    <main className="door">
      {failure ? (
        <div className="card">
          <p role="alert">{failure}</p>
          <button type="button" className="main" onClick={load}>
            Try again
          </button>
        </div>
      ) : (
        <p role="status">One moment…</p>
      )}
    </main>
  )
}

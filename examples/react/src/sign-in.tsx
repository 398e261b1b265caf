import { type SyntheticEvent, useState } from 'react'
import { client, wordsOf } from './client.ts'

export function SignIn() {
  const [isNew, setNew] = useState(false)
  const [mfaToken, setMfaToken] = useState('')
  const [message, setMessage] = useState('')
  const [isBusy, setBusy] = useState(false)

  /** Whoever gets in is told by `useSession`; here is only what else the server may answer. */
  async function enter(form: FormData): Promise<void> {
    const text = (name: string) => String(form.get(name) ?? '')
    const [username, password] = [text('username'), text('password')]
    if (mfaToken) {
      await client.session.verifyMfa({ mfa_token: mfaToken, method: 'totp', code: text('code') })
    } else if (isNew) {
      const answer = await client.session.register({ username, email: text('email'), password })
      if (answer.status === 'verification_required') setMessage('Open the link in the mail we sent you, then sign in.')
    } else {
      const answer = await client.session.login({ identifier: username, password })
      if (answer.status === 'mfa_required') setMfaToken(answer.mfa_token)
    }
  }

  async function submit(event: SyntheticEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setMessage('')
    await enter(new FormData(event.currentTarget)).catch((error) => setMessage(wordsOf(error)))
    setBusy(false)
  }

  return (
    <main className="door">
      <form className="card" onSubmit={submit}>
        <h1>{isNew ? 'Come in' : 'Welcome back'}</h1>
        {mfaToken ? (
          <label>
            Code of your authenticator app
            <input name="code" inputMode="numeric" autoComplete="one-time-code" required />
          </label>
        ) : (
          <>
            <label>
              {isNew ? 'Username' : 'Username or email'}
              <input name="username" autoComplete="username" autoCapitalize="none" required />
            </label>
            {isNew && (
              <label>
                Email
                <input name="email" type="email" autoComplete="email" required />
              </label>
            )}
            <label>
              Password
              <input
                name="password"
                type="password"
                autoComplete={isNew ? 'new-password' : 'current-password'}
                required
              />
            </label>
          </>
        )}
        {message && <p role="alert">{message}</p>}
        <button type="submit" className="main" disabled={isBusy}>
          {isNew ? 'Create account' : 'Sign in'}
        </button>
        <button type="button" className="plain" onClick={() => setNew(!isNew)}>
          {isNew ? 'I have an account' : 'I am new here'}
        </button>
      </form>
    </main>
  )
}

import { codeAt, stepAt } from '../../server/src/modules/two-factor/totp.ts'
import type { TestApi, TestUser } from './server.ts'

/** An authenticator app; each code it shows is a fresh one, though no time goes by. */
export async function addApp(api: TestApi, { token }: TestUser) {
  const { secret } = await api.call<{ secret: string }>(token, 'POST', '/users/me/mfa/totp')
  // Codes of the step before and the step after the present one are good as well.
  let step = stepAt(new Date()) - 1
  const confirm = () =>
    api.call<{ recovery_codes: string[]; access_token: string }>(token, 'POST', '/users/me/mfa/totp/confirm', {
      code: codeAt(secret, step),
    })
  const { recovery_codes } = await confirm().catch(() => {
    step = stepAt(new Date())
    return confirm()
  })
  return {
    recoveryCodes: recovery_codes,
    code: () => {
      step = Math.max(step + 1, stepAt(new Date()))
      return codeAt(secret, step)
    },
  }
}

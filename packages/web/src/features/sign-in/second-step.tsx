import { ApiError, type MfaMethod, type MfaRequired } from '@atrium/client'
import { Anchor, Button, Stack, TextInput } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useDates } from '../../app/use-dates.ts'
import { AuthLayout } from '../accounts/auth-layout.tsx'
import { CheckboxField } from '../accounts/checkbox-field.tsx'
import { CodeField, digitsOf, isCode } from '../accounts/code-field.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { Links } from '../accounts/links.tsx'
import { hasPasskeys, loadPasskeys } from './passkey-support.ts'

interface SecondStepProps {
  ticket: MfaRequired
  /** Whether this browser may be trusted from now on. */
  mayTrust: boolean
  onBack: (notice?: string) => void
}

const order: MfaMethod[] = ['totp', 'passkey', 'recovery']

export default function SecondStep({ ticket, mayTrust, onBack }: SecondStepProps) {
  const { t } = useTranslation()
  const dates = useDates()
  const methods = order.filter((each) => ticket.methods.includes(each) && (each !== 'passkey' || hasPasskeys()))
  const [method, setMethod] = useState<MfaMethod>(methods[0] ?? 'recovery')
  const form = useForm({ defaultValues: { code: '', trust: false } })
  const { errors, isSubmitting } = form.formState
  useExpiry(ticket.expires_in, () => onBack(t('second.expired')))

  const choose = (next: MfaMethod) => {
    form.clearErrors()
    form.resetField('code')
    setMethod(next)
  }

  const refuse = async (error: unknown) => {
    if (error instanceof ApiError && error.code === 'too_many_attempts') {
      const until = error.problem.locked_until
      const time = typeof until === 'string' ? dates.time(new Date(until)) : ''
      return onBack(time ? t('second.tooMany', { time }) : explainError(error, t))
    }
    if (method === 'passkey') {
      const { explainPasskey } = await loadPasskeys()
      return form.setError('root', { message: explainPasskey(error, t) ?? t('passkey.cancelled') })
    }
    const isWrong = error instanceof ApiError && error.code === 'mfa_invalid'
    if (!isWrong) return form.setError('root', { message: explainError(error, t) })
    const message = method === 'totp' ? t('second.wrong') : t('second.recoveryWrong')
    form.setError('code', { message })
    form.setFocus('code', { shouldSelect: true })
  }

  const submit = form.handleSubmit(async ({ code, trust }) => {
    const { mfa_token } = ticket
    const chosen = { mfa_token, trust_device: mayTrust && trust }
    try {
      if (method === 'passkey') {
        const { askPasskey } = await loadPasskeys()
        const assertion = await askPasskey(await client.session.passkeyOptions({ mfa_token }))
        await client.session.verifyMfa({ ...chosen, method, assertion })
      } else {
        await client.session.verifyMfa({ ...chosen, method, code: method === 'totp' ? digitsOf(code) : code.trim() })
      }
    } catch (error) {
      await refuse(error)
    }
  })

  return (
    <AuthLayout title={t('second.title')} text={t(`second.${method}`)}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
          {method === 'totp' && (
            <CodeField
              key="totp"
              length={6}
              label={t('second.totpLabel')}
              autoFocus
              error={errors.code?.message}
              {...form.register('code', { validate: (code) => isCode(code, 6) || t('second.totpMissing') })}
            />
          )}
          {method === 'recovery' && (
            <TextInput
              key="recovery"
              label={t('second.recoveryLabel')}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              error={errors.code?.message}
              {...form.register('code', { validate: (code) => code.trim() !== '' || t('second.recoveryMissing') })}
            />
          )}
          {mayTrust && <CheckboxField label={t('second.trust')} {...form.register('trust')} />}
          <Button
            type="submit"
            loading={isSubmitting}
            fullWidth
            mt="xs"
            leftSection={method === 'passkey' && <IconFingerprint size={20} stroke={1.6} aria-hidden />}
          >
            {method === 'passkey' ? t('second.usePasskey') : t('second.action')}
          </Button>
        </Stack>
      </form>
      <Links>
        {methods
          .filter((each) => each !== method)
          .map((each) => (
            <Anchor key={each} component="button" type="button" onClick={() => choose(each)}>
              {t(each === 'totp' ? 'second.toTotp' : each === 'passkey' ? 'second.toPasskey' : 'second.toRecovery')}
            </Anchor>
          ))}
        <Anchor component="button" type="button" onClick={() => onBack()}>
          {t('second.back')}
        </Anchor>
      </Links>
    </AuthLayout>
  )
}

/** The server waits so long for the second step and no longer. */
function useExpiry(seconds: number, onExpired: () => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock of a ticket runs once.
  useEffect(() => {
    const timer = setTimeout(onExpired, seconds * 1000)
    return () => clearTimeout(timer)
  }, [seconds])
}

import { ApiError, type IdentityProof } from '@atrium/client'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { loadPasskeys } from '../sign-in/passkey-support.ts'
import { CodeField, digitsOf, isCode } from './code-field.tsx'
import { FormAlert } from './form-alert.tsx'
import type { Proof } from './identity-proofs.ts'
import { PasswordField } from './password-field.tsx'

interface IdentityFormProps {
  proof: Proof
  onConfirmed: () => void
  onCancel: () => void
}

export function IdentityForm({ proof, onConfirmed, onCancel }: IdentityFormProps) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const [isMailed, setMailed] = useState(false)
  const form = useForm({ defaultValues: { password: '', code: '' } })
  const { errors, isSubmitting } = form.formState
  const isAsking = proof === 'mail' && !isMailed
  const email = me.email ?? ''

  const answer = async (values: { password: string; code: string }): Promise<IdentityProof> => {
    if (proof === 'password') return { password: values.password }
    if (proof !== 'passkey') return { code: digitsOf(values.code) }
    const { askPasskey } = await loadPasskeys()
    return { assertion: await askPasskey(await client.session.passkeyOptions({ purpose: 'reauthenticate' })) }
  }

  const refuse = async (error: unknown) => {
    const { code, status, problem } = error instanceof ApiError ? error : { code: '', status: 0, problem: undefined }
    if (code === 'too_many_attempts' || code === 'account_locked') {
      const until = typeof problem?.locked_until === 'string' ? dates.time(new Date(problem.locked_until)) : undefined
      return form.setError('root', { message: until ? t('identity.tooMany', { time: until }) : explainError(error, t) })
    }
    if (proof === 'passkey') {
      const { explainPasskey } = await loadPasskeys()
      return form.setError('root', { message: explainPasskey(error, t) ?? t('passkey.cancelled') })
    }
    if (status !== 401) return form.setError('root', { message: explainError(error, t) })
    if (proof === 'password') form.setError('password', { message: t('identity.wrong') }, { shouldFocus: true })
    else {
      const message = proof === 'totp' ? t('identity.totpWrong') : t('identity.mailWrong')
      form.setError('code', { message }, { shouldFocus: true })
    }
  }

  const submit = form.handleSubmit(async (values) => {
    try {
      if (isAsking) {
        await client.session.requestIdentityCode()
        setMailed(true)
      } else {
        await client.session.reauthenticate(await answer(values))
        onConfirmed()
      }
    } catch (error) {
      await refuse(error)
    }
  })

  const text =
    proof === 'mail' && isMailed ? t('identity.text.mailSent', { email }) : t(`identity.text.${proof}`, { email })
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Text c="dimmed">{text}</Text>
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {proof === 'password' && (
          <>
            {/* Password managers look for the name the password belongs to. */}
            <input type="text" autoComplete="username" value={me.username} readOnly hidden />
            <PasswordField
              label={t('identity.password')}
              autoComplete="current-password"
              data-autofocus
              autoFocus
              error={errors.password?.message}
              {...form.register('password', { required: t('signIn.passwordMissing') })}
            />
          </>
        )}
        {(proof === 'totp' || (proof === 'mail' && isMailed)) && (
          <CodeField
            length={proof === 'totp' ? 6 : 8}
            label={t(`identity.${proof}`)}
            data-autofocus
            autoFocus
            error={errors.code?.message}
            {...form.register('code', {
              validate: (code) => isCode(code, proof === 'totp' ? 6 : 8) || t(`identity.${proof}Missing`),
            })}
          />
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onCancel}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={isSubmitting} data-autofocus={proof === 'passkey' || isAsking || undefined}>
            {isAsking ? t('identity.send') : t('identity.action')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

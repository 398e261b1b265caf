import { ApiError } from '@atrium/client'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { CodeField, digitsOf, isCode } from './code-field.tsx'
import { FormAlert } from './form-alert.tsx'
import { useGuarded } from './use-guarded.ts'

const reload = () => client.session.load()

/** A new address that waits for the link or the code of its mail. */
export function PendingEmail({ email }: { email: string }) {
  const { t } = useTranslation()
  const [isResent, setResent] = useState(false)
  const form = useForm({ defaultValues: { code: '' } })

  const confirm = useGuarded({
    run: async (code: string) => {
      await client.api.POST('/api/v1/users/me/email/confirm', { body: { code } })
      await reload()
    },
    explain: (error) => {
      if (!(error instanceof ApiError)) return undefined
      if (error.code === 'too_many_attempts') return t('identityCard.codeSpent')
      if (error.code !== 'link_invalid') return undefined
      const left = error.problem.remaining_attempts
      const isSpent = typeof left !== 'number' || left < 1
      return isSpent ? t('identityCard.codeSpent') : t('identityCard.codeWrong', { count: left })
    },
    onDone: () => announce(t('identityCard.emailDone')),
  })
  const resend = useGuarded({
    run: () => client.api.POST('/api/v1/users/me/email/resend'),
    onDone: () => setResent(true),
  })
  const cancel = useGuarded({
    run: async () => {
      await client.api.DELETE('/api/v1/users/me/email')
      await reload()
    },
    onDone: () => announce(t('identityCard.cancelled')),
  })
  const submit = form.handleSubmit(({ code }) => confirm.start(digitsOf(code)))
  const failure = confirm.failure ?? resend.failure ?? cancel.failure

  return (
    <form onSubmit={(event) => void submit(event)} noValidate data-testid="pending-email">
      <Stack>
        <FormAlert kind="notice">{t('identityCard.pending', { email })}</FormAlert>
        {failure && <FormAlert kind="error">{failure}</FormAlert>}
        <CodeField
          length={8}
          maw={260}
          label={t('identityCard.code')}
          error={form.formState.errors.code?.message}
          {...form.register('code', { validate: (code) => isCode(code, 8) || t('identityCard.codeMissing') })}
        />
        <Group>
          <Button type="submit" loading={confirm.isPending}>
            {t('identityCard.confirm')}
          </Button>
          <Button variant="default" loading={resend.isPending} disabled={isResent} onClick={() => resend.start()}>
            {t('identityCard.resend')}
          </Button>
          <Button variant="default" loading={cancel.isPending} onClick={() => cancel.start()}>
            {t('identityCard.cancel')}
          </Button>
        </Group>
        <Text role="status" c="dimmed" size="sm">
          {isResent ? t('identityCard.resent') : ''}
        </Text>
      </Stack>
    </form>
  )
}

import type { TotpEnrolment } from '@atrium/client'
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { CopyButton } from '../../app/copy-button.tsx'
import { CodeField, digitsOf, isCode } from '../accounts/code-field.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { mfaQuery } from '../accounts/identity-proofs.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import { sessionsQuery } from '../sessions/sessions-query.ts'
import classes from './two-factor.module.css'
import { isRefusal } from './two-factor-queries.ts'

interface TotpEnrolmentFormProps {
  enrolment: TotpEnrolment
  /** With recovery codes where the account had none. */
  onDone: (codes: readonly string[]) => void
  onCancel: () => void
}

/** The picture, the key for those who cannot scan it, and a first code as proof that the app has it. */
export function TotpEnrolmentForm({ enrolment, onDone, onCancel }: TotpEnrolmentFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { code: '' } })
  const confirm = useGuarded({
    run: (code: string) => client.api.POST('/api/v1/users/me/mfa/totp/confirm', { body: { code } }),
    renews: [mfaQuery.queryKey, sessionsQuery.queryKey],
    explain: (error) => (isRefusal(error, 'mfa_invalid') ? t('totp.wrong') : undefined),
    onDone: (answer) => {
      client.session.renew(answer)
      announce(t('totp.done'))
      onDone(answer.recovery_codes)
    },
  })

  const submit = form.handleSubmit(({ code }) => confirm.start(digitsOf(code)))
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Title order={3} size="h5">
          {t('totp.title')}
        </Title>
        <Text>{t('totp.scan')}</Text>
        <img
          className={classes.picture}
          alt={t('totp.qr')}
          src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`}
        />
        <div>
          <Text c="dimmed" size="sm">
            {t('totp.manual')}
          </Text>
          <div className={classes.secret}>
            <code data-testid="totp-secret">{grouped(enrolment.secret)}</code>
            <CopyButton text={enrolment.secret} />
          </div>
        </div>
        {confirm.failure && <FormAlert kind="error">{confirm.failure}</FormAlert>}
        <CodeField
          length={6}
          label={t('totp.code')}
          description={t('totp.codeHint')}
          maw={260}
          autoFocus
          error={form.formState.errors.code?.message}
          {...form.register('code', { validate: (code) => isCode(code, 6) || t('totp.codeMissing') })}
        />
        <Group>
          <Button type="submit" loading={confirm.isPending}>
            {t('totp.action')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** As one reads it out, in fours. */
const grouped = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ')

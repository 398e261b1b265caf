import { Stack, Text } from '@mantine/core'
import { IconDeviceMobile, IconLifebuoy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { Failure } from '../../app/failure.tsx'
import { Item, ItemAction, ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { useDates } from '../../app/use-dates.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import { mfaQuery } from '../accounts/identity-proofs.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import { sessionsQuery } from '../sessions/sessions-query.ts'
import { RecoveryCodes } from './recovery-codes.tsx'
import { TotpEnrolmentForm } from './totp-enrolment-form.tsx'
import { isRefusal } from './two-factor-queries.ts'

/** The authenticator app and the recovery codes. */
export function SecondStepCard() {
  const { t } = useTranslation()
  const dates = useDates()
  const query = useQuery(mfaQuery)
  const [asking, setAsking] = useState<'remove' | 'renew'>()
  const [codes, setCodes] = useState<readonly string[]>()
  const renews = [mfaQuery.queryKey, sessionsQuery.queryKey]

  const [enrolment, setEnrolment] = useState<Awaited<ReturnType<typeof startTotp>>>()
  const start = useGuarded({ run: startTotp, onDone: setEnrolment })
  const remove = useGuarded({
    run: () => client.api.DELETE('/api/v1/users/me/mfa/totp'),
    renews,
    explain: (error) => (isRefusal(error, 'state_conflict') ? t('secondStep.keepOne') : undefined),
    onDone: () => {
      setAsking(undefined)
      announce(t('secondStep.removed'))
    },
  })
  const renew = useGuarded({
    run: () => client.api.POST('/api/v1/users/me/mfa/recovery-codes', { body: {} }),
    renews,
    onDone: ({ recovery_codes }) => {
      setAsking(undefined)
      setCodes(recovery_codes)
    },
  })

  const { data: status } = query
  const confirmed = status?.totp.confirmed_at
  const isOn = status !== undefined && (status.totp.enabled || status.passkeys > 0)
  return (
    <AccountCard title={t('secondStep.title')} text={t('secondStep.text')}>
      {query.isPending && <ItemsLoading />}
      {query.isError && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
      {enrolment && (
        <TotpEnrolmentForm
          enrolment={enrolment}
          onCancel={() => setEnrolment(undefined)}
          onDone={(made) => {
            setEnrolment(undefined)
            setCodes(made)
          }}
        />
      )}
      {status && !enrolment && (
        <Stack>
          {start.failure && <FormAlert kind="error">{start.failure}</FormAlert>}
          <ItemList>
            <Item
              icon={IconDeviceMobile}
              title={t('secondStep.app')}
              details={[
                confirmed ? t('secondStep.appOn', { date: dates.date(new Date(confirmed)) }) : t('secondStep.appOff'),
              ]}
              actions={
                status.totp.enabled ? (
                  <ItemAction isDanger label={t('secondStep.removeLabel')} onClick={() => setAsking('remove')}>
                    {t('secondStep.remove')}
                  </ItemAction>
                ) : (
                  <ItemAction
                    label={t('secondStep.setUpLabel')}
                    loading={start.isPending}
                    onClick={() => start.start()}
                  >
                    {t('secondStep.setUp')}
                  </ItemAction>
                )
              }
            />
            {isOn && (
              <Item
                icon={IconLifebuoy}
                title={t('secondStep.codes')}
                details={[t('secondStep.codesLeft', { count: status.recovery_codes_left })]}
                actions={
                  <ItemAction label={t('secondStep.renewLabel')} onClick={() => setAsking('renew')}>
                    {t('secondStep.renew')}
                  </ItemAction>
                }
              />
            )}
          </ItemList>
          {status.required && (
            <Text c="dimmed" size="sm">
              {t('secondStep.required')}
            </Text>
          )}
        </Stack>
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('secondStep.removeTitle')}
          text={t('secondStep.removeText')}
          action={t('secondStep.remove')}
          change={remove}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking === 'renew' && (
        <ConfirmDialog
          title={t('secondStep.renewTitle')}
          text={t('secondStep.renewText')}
          action={t('secondStep.renew')}
          change={renew}
          onClose={() => setAsking(undefined)}
        />
      )}
      {codes && <RecoveryCodes codes={codes} onSaved={() => setCodes(undefined)} />}
    </AccountCard>
  )
}

const startTotp = () => client.api.POST('/api/v1/users/me/mfa/totp', { body: {} })

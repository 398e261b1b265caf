import { ApiError } from '@atrium/client'
import { Anchor, Button, Stack, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useFragment } from '../../app/fragment.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AccountCard } from './account-card.tsx'
import classes from './account-page.module.css'
import { FormAlert } from './form-alert.tsx'
import { useIdentityCheck } from './identity-check.tsx'

/** The link that a new address was mailed; used by a press and not by opening it. */
export function ConfirmEmailPage() {
  const { t } = useTranslation()
  const token = useFragment().get('token')
  const confirm = useIdentityCheck()
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: (body: { token: string }) =>
      confirm(async () => {
        const user = await client.api.POST('/api/v1/users/me/email/confirm', { body })
        await client.session.load().catch(() => {})
        return user
      }),
  })
  usePageTitle(t('confirmEmail.title'))
  const isGone = error instanceof ApiError && error.code === 'link_invalid'

  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('account.title')}
      </Title>
      <AccountCard
        title={data ? t('confirmEmail.doneTitle') : t('confirmEmail.title')}
        text={data ? t('confirmEmail.doneText', { email: data.email }) : t('confirmEmail.text')}
      >
        <Stack align="flex-start">
          {error && <FormAlert kind="error">{isGone ? t('confirmEmail.gone') : explainError(error, t)}</FormAlert>}
          {!token && !data && <FormAlert kind="notice">{t('confirmEmail.noToken')}</FormAlert>}
          {token && !data && !isGone && (
            <Button loading={isPending} onClick={() => mutate({ token })}>
              {t('confirmEmail.action')}
            </Button>
          )}
          <Anchor component={Link} to="/account/profile" fw={600}>
            {t('confirmEmail.account')}
          </Anchor>
        </Stack>
      </AccountCard>
    </div>
  )
}

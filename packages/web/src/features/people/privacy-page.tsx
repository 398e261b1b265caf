import type { PrivacySettings } from '@atrium/client'
import { NativeSelect, Stack, Switch } from '@mantine/core'
import '@mantine/core/styles/InlineInput.css'
import '@mantine/core/styles/Switch.css'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { FormAlert } from '../accounts/form-alert.tsx'
import classes from './people.module.css'

const audiences = ['who_may_message', 'show_presence', 'show_last_seen'] as const
const switches = ['send_read_receipts', 'searchable'] as const

export function PrivacyPage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('account.privacy'))
  const save = useMutation({
    scope: { id: 'privacy' },
    mutationFn: (change: Partial<PrivacySettings>) => client.account.update({ privacy_settings: change }),
  })
  // What was chosen is shown while it is on its way.
  const shown = { ...me.privacy_settings, ...(save.isPending ? save.variables : save.data?.privacy_settings) }
  const hint = (words: string) => ({ description: words })
  return (
    <AccountCard title={t('privacy.title')} text={t('privacy.text')}>
      <Stack gap="lg">
        {audiences.map((field) => (
          <NativeSelect
            key={field}
            size="md"
            maw={360}
            label={t(`privacy.${field}`)}
            {...(field === 'who_may_message' ? hint(t('privacy.who_may_messageText')) : {})}
            value={shown[field]}
            onChange={({ currentTarget: { value } }) =>
              save.mutate({ [field]: value as PrivacySettings['who_may_message'] })
            }
            data={(['everyone', 'friends', 'nobody'] as const).map((value) => ({
              value,
              label: t(`privacy.${value}`),
            }))}
          />
        ))}
        {switches.map((field) => (
          <Switch
            key={field}
            size="md"
            label={t(`privacy.${field}`)}
            description={t(`privacy.${field}Text`)}
            checked={shown[field]}
            onChange={({ currentTarget: { checked } }) => save.mutate({ [field]: checked })}
          />
        ))}
        {save.error && <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>}
        <p role="status" className={classes.state}>
          {save.isPending ? t('privacy.saving') : save.isSuccess ? t('privacy.saved') : ''}
        </p>
      </Stack>
    </AccountCard>
  )
}

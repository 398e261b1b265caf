import { Button, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import { AccountCard } from './account-card.tsx'
import { FormAlert } from './form-alert.tsx'

const CropDialog = lazy(() => import('./crop-dialog.tsx').then((m) => ({ default: m.CropDialog })))

/** One’s own picture. */
export function AvatarCard() {
  const { t } = useTranslation()
  const me = useUser()
  const picker = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const remove = useMutation({
    mutationFn: () => client.account.removeAvatar(),
    onSuccess: () => announce(t('avatar.removed')),
  })
  return (
    <AccountCard title={t('avatar.title')} text={t('avatar.text')}>
      {remove.error && <FormAlert kind="error">{explainError(remove.error, t)}</FormAlert>}
      <Group gap="lg">
        <PersonAvatar person={me} size={96} />
        <input
          ref={picker}
          type="file"
          accept="image/jpeg,image/png,image/gif,image/webp"
          hidden
          data-testid="avatar-picker"
          onChange={({ currentTarget }) => {
            setFile(currentTarget.files?.[0])
            currentTarget.value = ''
          }}
        />
        <Button variant="default" onClick={() => picker.current?.click()}>
          {me.avatar ? t('avatar.change') : t('avatar.choose')}
        </Button>
        {me.avatar && (
          <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('avatar.remove')}
          </Button>
        )}
      </Group>
      {file && (
        <Suspense>
          <CropDialog
            file={file}
            save={async (picture) => {
              await client.account.setAvatar(picture)
              announce(t('avatar.saved'))
            }}
            onClose={() => setFile(undefined)}
          />
        </Suspense>
      )}
    </AccountCard>
  )
}

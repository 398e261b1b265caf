import { Button, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from './form-alert.tsx'

const CropDialog = lazy(() => import('./crop-dialog.tsx').then((m) => ({ default: m.CropDialog })))

interface PictureChooserProps {
  /** The picture as it is now, or what stands in its place. */
  face: ReactNode
  isThere: boolean
  save: (picture: Blob) => Promise<unknown>
  remove: () => Promise<unknown>
  /** Said when it is done. */
  words: { saved: string; removed: string }
}

/** A picture is chosen, cut to a square, changed and removed. */
export function PictureChooser({ face, isThere, save, remove, words }: PictureChooserProps) {
  const { t } = useTranslation()
  const picker = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const removing = useMutation({ mutationFn: remove, onSuccess: () => announce(words.removed) })
  return (
    <>
      {removing.error && <FormAlert kind="error">{explainError(removing.error, t)}</FormAlert>}
      <Group gap="sm">
        {face}
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
          {t(isThere ? 'avatar.change' : 'avatar.choose')}
        </Button>
        {isThere && (
          <Button variant="subtle" color="red" loading={removing.isPending} onClick={() => removing.mutate()}>
            {t('avatar.remove')}
          </Button>
        )}
      </Group>
      {file && (
        <Suspense>
          <CropDialog
            file={file}
            save={async (picture) => {
              await save(picture)
              announce(words.saved)
            }}
            onClose={() => setFile(undefined)}
          />
        </Suspense>
      )}
    </>
  )
}

import { Button, FileButton, Group, Input } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Draft } from './draft.ts'
import { bytesOf } from './value-text.ts'

interface BinaryFieldProps {
  label: string
  draft: Draft
  onChange: (draft: Draft) => void
  error: string | undefined
  isDisabled: boolean
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}

/** Bytes are not typed: they come from a file, and go. */
export function BinaryField({ label, draft, onChange, error, isDisabled }: BinaryFieldProps) {
  const { t } = useTranslation()
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Group gap="sm">
        <span>{draft === null ? t('data.noValue') : t('data.bytes', { count: bytesOf(draft) })}</span>
        {!isDisabled && (
          <>
            <FileButton
              onChange={(file) => file && void base64Of(file).then(onChange)}
              inputProps={{ 'aria-label': t('data.chooseFileFor', { name: label }), tabIndex: -1 }}
            >
              {(props) => (
                <Button {...props} variant="default" size="compact-sm">
                  {t('data.chooseFile')}
                </Button>
              )}
            </FileButton>
            {draft !== null && (
              <Button variant="subtle" size="compact-sm" onClick={() => onChange(null)}>
                {t('data.takeAway')}
              </Button>
            )}
          </>
        )}
      </Group>
    </Input.Wrapper>
  )
}

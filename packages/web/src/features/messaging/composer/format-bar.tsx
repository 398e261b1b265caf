import { ActionIcon } from '@mantine/core'
import { IconBold, IconCode, IconItalic } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './composer.module.css'

export const signs = { b: '**', i: '*', e: '`' } as const

const buttons = [
  { icon: IconBold, label: 'chat.bold', key: 'b' },
  { icon: IconItalic, label: 'chat.italic', key: 'i' },
  { icon: IconCode, label: 'chat.code', key: 'e' },
] as const

/** The keys Ctrl and B, I or E do the same. */
export function FormatBar({ onSign }: { onSign: (sign: string) => void }) {
  const { t } = useTranslation()
  return (
    <div className={classes.formats} role="toolbar" aria-label={t('chat.formatting')}>
      {buttons.map(({ icon: Icon, label, key }) => (
        <ActionIcon
          key={key}
          variant="subtle"
          color="gray"
          size={32}
          aria-label={t(label)}
          title={`${t(label)} (Ctrl+${key.toUpperCase()})`}
          // The selection in the field is what it is about.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onSign(signs[key])}
        >
          <Icon size={18} stroke={1.75} aria-hidden />
        </ActionIcon>
      ))}
    </div>
  )
}

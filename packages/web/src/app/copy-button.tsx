import { Button, type ButtonProps } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from './announcer.tsx'

interface CopyButtonProps extends ButtonProps {
  text: string
  label?: string
}

/** Says for a moment that it is done. Pages without https have no clipboard; the text can be selected there. */
export function CopyButton({ text, label, ...button }: CopyButtonProps) {
  const { t } = useTranslation()
  const [isDone, setDone] = useState(false)

  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setDone(false), 2_000)
    return () => clearTimeout(timer)
  }, [isDone])

  if (!navigator.clipboard) return null
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setDone(true)
    announce(t('copy.done'))
  }
  const Icon = isDone ? IconCheck : IconCopy
  return (
    <Button
      variant="default"
      size="sm"
      leftSection={<Icon size={18} stroke={1.75} aria-hidden />}
      {...button}
      onClick={() => void copy()}
    >
      {isDone ? t('copy.done') : (label ?? t('copy.action'))}
    </Button>
  )
}

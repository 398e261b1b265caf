import { Button, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { explainError } from './error-words.ts'

interface FailureProps {
  title: string
  /** Said as words when there is no `text`. */
  error?: unknown
  text?: string
  onRetry?: () => void
  children?: ReactNode
}

/** In place of what could not be shown: what happened, and the way on. */
export function Failure({ title, error, text, onRetry, children }: FailureProps) {
  const { t } = useTranslation()
  return (
    <Stack align="center" justify="center" gap="sm" p="xl" mih="60%" ta="center" role="alert">
      <Title order={2}>{title}</Title>
      <Text c="dimmed" maw={420}>
        {text ?? explainError(error, t)}
      </Text>
      {onRetry && (
        <Button variant="light" mt="sm" onClick={onRetry}>
          {t('app.retry')}
        </Button>
      )}
      {children}
    </Stack>
  )
}

import { Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './account-page.module.css'

interface AccountCardProps {
  title: string
  text?: string
  children: ReactNode
}

export function AccountCard({ title, text, children }: AccountCardProps) {
  const id = useId()
  return (
    <section className={classes.card} aria-labelledby={id}>
      <Title order={2} id={id}>
        {title}
      </Title>
      {text && (
        <Text c="dimmed" mt={2}>
          {text}
        </Text>
      )}
      <div style={{ marginTop: '1.25rem' }}>{children}</div>
    </section>
  )
}

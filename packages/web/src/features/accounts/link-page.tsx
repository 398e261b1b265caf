import { ApiError } from '@atrium/client'
import { Anchor, Button, Stack } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { useFragment } from '../../app/fragment.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { AuthLayout } from './auth-layout.tsx'
import { Done } from './done.tsx'
import { FormAlert } from './form-alert.tsx'
import { Links } from './links.tsx'

interface LinkPageProps {
  words: { title: string; text: string; action: string; doneTitle: string; doneText: string }
  use: (token: string) => Promise<void>
}

/** The link of a mail is used by a press and not by opening it: programs that look at mails open links too. */
export function LinkPage({ words, use }: LinkPageProps) {
  const { t } = useTranslation()
  const token = useFragment().get('token')
  const [isDone, setDone] = useState(false)
  const form = useForm()
  const { errors, isSubmitting } = form.formState
  usePageTitle(words.title)

  const submit = form.handleSubmit(async () => {
    try {
      await use(token ?? '')
      setDone(true)
    } catch (error) {
      const isGone = error instanceof ApiError && error.code === 'link_invalid'
      form.setError('root', { message: isGone ? t('link.gone') : explainError(error, t) })
    }
  })

  if (isDone) return <Done title={words.doneTitle} text={words.doneText} />
  return (
    <AuthLayout title={words.title} text={words.text}>
      {token ? (
        <form onSubmit={(event) => void submit(event)} noValidate>
          <Stack gap="md">
            {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
            <Button type="submit" loading={isSubmitting} fullWidth autoFocus>
              {words.action}
            </Button>
          </Stack>
        </form>
      ) : (
        <FormAlert kind="notice">{t('entry.noToken')}</FormAlert>
      )}
      <Links>
        <Anchor component={Link} to="/sign-in">
          {t('mail.back')}
        </Anchor>
      </Links>
    </AuthLayout>
  )
}

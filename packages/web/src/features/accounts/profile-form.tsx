import { ApiError, type ProfilePatch, type User } from '@atrium/client'
import { Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core'
import '@mantine/core/styles/Combobox.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Pill.css'
import '@mantine/core/styles/PillsInput.css'
import '@mantine/core/styles/Popover.css'
import { useEffect, useRef, useState } from 'react'
import { Controller, useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import classes from './account-page.module.css'
import { FormAlert } from './form-alert.tsx'
import { placeFieldErrors } from './form-errors.ts'
import { localeChoices, timeZoneChoices } from './region-choices.ts'
import { SaveState } from './save-state.tsx'

interface Values {
  display_name: string
  bio: string
  time_zone: string | null
  locale: string | null
}

const valuesOf = (user: User): Values => ({
  display_name: user.display_name ?? '',
  bio: user.bio ?? '',
  time_zone: user.time_zone,
  locale: user.locale,
})

/** Empty fields are cleared, not kept as empty words. */
const patchOf = (values: Values): ProfilePatch => ({
  display_name: values.display_name.trim() || null,
  bio: values.bio.trim() || null,
  time_zone: values.time_zone,
  locale: values.locale,
})

export function ProfileForm({ user }: { user: User }) {
  const { t } = useTranslation()
  const [isSaved, setSaved] = useState(false)
  const [isChangedElsewhere, setChangedElsewhere] = useState(false)
  const form = useForm<Values>({ defaultValues: valuesOf(user) })
  const { errors, isSubmitting, isDirty } = form.formState
  // The version that was on the screen when the person began to type, not the newest one.
  const version = useRef(user.version)

  // Changed in another tab or on another device: shown at once, unless something has been typed here.
  useEffect(() => {
    if (isDirty || user.version === version.current) return
    version.current = user.version
    form.reset(valuesOf(user))
  }, [user, isDirty, form])

  const submit = form.handleSubmit(async (values) => {
    setSaved(false)
    setChangedElsewhere(false)
    try {
      const saved = await client.account.update(patchOf(values), version.current)
      version.current = saved.version
      form.reset(valuesOf(saved))
      setSaved(true)
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) return takeOver()
      if (placeFieldErrors(error, form.setError, ['display_name', 'bio', 'time_zone', 'locale'])) return
      form.setError('root', { message: explainError(error, t) })
    }
  })

  /** What was changed elsewhere comes in beside what was typed here; the person decides by saving again. */
  async function takeOver(): Promise<void> {
    try {
      const newest = await client.account.get()
      version.current = newest.version
      form.reset(valuesOf(newest), { keepDirtyValues: true })
      setChangedElsewhere(true)
    } catch (error) {
      form.setError('root', { message: explainError(error, t) })
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} onChange={() => setSaved(false)} noValidate>
      <Stack gap="md">
        {errors.root && <FormAlert kind="error">{errors.root.message}</FormAlert>}
        {isChangedElsewhere && <FormAlert kind="notice">{t('profile.changedElsewhere')}</FormAlert>}
        <TextInput
          label={t('profile.displayName')}
          description={t('profile.displayNameHint')}
          autoComplete="name"
          maxLength={80}
          error={errors.display_name?.message}
          {...form.register('display_name')}
        />
        <Textarea
          label={t('profile.bio')}
          description={t('profile.bioHint')}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={500}
          error={errors.bio?.message}
          {...form.register('bio')}
        />
        <div className={classes.pair}>
          <Controller
            control={form.control}
            name="time_zone"
            render={({ field }) => (
              <Select
                label={t('profile.timeZone')}
                description={t('profile.timeZoneHint')}
                placeholder={t('profile.device')}
                data={timeZoneChoices()}
                searchable
                clearable
                limit={100}
                withScrollArea={false}
                classNames={{ options: classes.options ?? '' }}
                nothingFoundMessage={t('profile.nothing')}
                error={errors.time_zone?.message}
                {...field}
              />
            )}
          />
          <Controller
            control={form.control}
            name="locale"
            render={({ field }) => (
              <Select
                label={t('profile.locale')}
                description={t('profile.localeHint')}
                placeholder={t('profile.device')}
                data={localeChoices()}
                searchable
                clearable
                withScrollArea={false}
                classNames={{ options: classes.options ?? '' }}
                nothingFoundMessage={t('profile.nothing')}
                error={errors.locale?.message}
                {...field}
              />
            )}
          />
        </div>
        <Group mt="xs">
          <Button type="submit" loading={isSubmitting} disabled={!isDirty}>
            {t('profile.action')}
          </Button>
          <SaveState text={isSaved ? t('profile.saved') : undefined} />
        </Group>
      </Stack>
    </form>
  )
}

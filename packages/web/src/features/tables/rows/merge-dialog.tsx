import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Radio.css'
import '@mantine/core/styles/InlineInput.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { explainError } from '../../../app/error-words.ts'
import { FormAlert } from '../../accounts/form-alert.tsx'
import identity from '../../accounts/identity-dialog.module.css'
import type { OpenConflict } from '../grid/use-editing.ts'
import { showRow } from '../queries.ts'
import { saveChanges } from '../saving.ts'
import type { Row, TableSchema } from '../types.ts'
import { useSayValue } from '../values/value-text.ts'
import classes from './rows.module.css'

type Choice = 'mine' | 'theirs'

interface MergeDialogProps {
  schema: TableSchema
  conflict: OpenConflict
  onClose: () => void
  onSaved: (path: string, row: Row) => void
}

/** Two people changed the same fields of a row. Nothing is written before each of them is decided. */
export function MergeDialog({ schema, conflict, onClose, onSaved }: MergeDialogProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const say = useSayValue()
  const [open, setOpen] = useState(conflict)
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({})
  const { conflicts, held } = open.saved
  const isDecided = conflicts.every(({ field }) => choices[field] !== undefined)
  const columnOf = (field: string) => schema.columns.find(({ name }) => name === field) ?? { type: 'text' }
  const all = (choice: Choice) => setChoices(Object.fromEntries(conflicts.map(({ field }) => [field, choice])))

  const save = useMutation({
    mutationFn: async () => {
      const left = Object.entries(open.changes).filter(([field]) => choices[field] !== 'theirs')
      const changes = Object.fromEntries(left)
      if (left.length === 0) return { changes, outcome: { kind: 'saved' as const, held, isMerged: false } }
      return { changes, outcome: await saveChanges(schema.name, open.path, held, held.row, changes) }
    },
    onSuccess: ({ changes, outcome }) => {
      showRow(cache, schema.name, schema.key, outcome.held.row)
      if (outcome.kind === 'conflict') {
        setOpen({ path: open.path, saved: outcome, changes })
        setChoices({})
        announce(t('data.merge.again'))
        return
      }
      announce(t('data.saved'))
      onSaved(open.path, outcome.held.row)
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('data.merge.title')}
      classNames={{ content: identity.content ?? '', header: identity.content ?? '', title: identity.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Stack>
        <Text c="dimmed">{t('data.merge.text', { count: conflicts.length })}</Text>
        {save.error && <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>}
        {conflicts.length > 1 && (
          <Group gap="xs">
            <Button size="compact-sm" variant="default" onClick={() => all('mine')}>
              {t('data.merge.allMine')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => all('theirs')}>
              {t('data.merge.allTheirs')}
            </Button>
          </Group>
        )}
        {conflicts.map(({ field, base, mine, theirs }) => {
          const said = (value: unknown) => say(value, columnOf(field)).text
          return (
            <Radio.Group
              key={field}
              label={field}
              value={choices[field] ?? ''}
              onChange={(value) => setChoices({ ...choices, [field]: value as Choice })}
              description={t('data.merge.was', { value: said(base) })}
            >
              <div className={classes.sides}>
                <Radio
                  value="mine"
                  className={classes.side ?? ''}
                  label={<Side who={t('data.merge.mine')} value={said(mine)} />}
                />
                <Radio
                  value="theirs"
                  className={classes.side ?? ''}
                  label={<Side who={t('data.merge.theirs')} value={said(theirs)} />}
                />
              </div>
            </Radio.Group>
          )
        })}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t('data.merge.drop')}
          </Button>
          <Button disabled={!isDecided} loading={save.isPending} onClick={() => save.mutate()}>
            {t('data.merge.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Side({ who, value }: { who: string; value: string }) {
  return (
    <>
      <span className={classes.who}>{who}</span>
      <span className={classes.value}>{value}</span>
    </>
  )
}

import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './relation-picker.module.css'
import { type Choice, choicesQuery, useLabels } from './relations.ts'
import type { Relation } from './types.ts'
import type { Draft } from './values/draft.ts'

interface RelationPickerProps {
  relation: Relation
  label: string
  value: Draft
  onChange: (value: Draft) => void
  canBeNothing: boolean
  isBare?: boolean
  error?: string | undefined
}

/** Looks for a row of another table; what is chosen is the value that points to it. */
export function RelationPicker({
  relation,
  label,
  value,
  onChange,
  canBeNothing,
  isBare = false,
  error,
}: RelationPickerProps) {
  const { t } = useTranslation()
  const id = useId()
  const [typed, setTyped] = useState<string>()
  const [stepped, setActive] = useState<number>()
  const [isOpen, setOpen] = useState(isBare)
  const [word] = useDebouncedValue((typed ?? '').trim(), 200)
  const labelOf = useLabels([{ relation, values: value === null ? [] : [value] }])
  const query = useQuery({ ...choicesQuery(relation, word), enabled: isOpen, placeholderData: keepPreviousData })
  const nothing: Choice[] = canBeNothing && word === '' ? [{ value: '', label: t('data.noValue') }] : []
  const found = [...nothing, ...(query.data ?? [])]
  const chosen = value === null || value === '' ? '' : (labelOf(relation, value) ?? value)

  // Nothing but what is there already is chosen by an Enter that comes before anything else.
  const first = typed === undefined ? found.findIndex((choice) => choice.value === (value ?? '')) : 0
  const active = Math.min(stepped ?? first, found.length - 1)

  const choose = (choice: Choice) => {
    onChange(choice.value === '' ? null : choice.value)
    setTyped(undefined)
    setOpen(false)
  }
  const open = () => {
    setOpen(true)
    setActive(undefined)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const choice = found[active]
    if (step !== undefined) {
      event.preventDefault()
      if (isOpen) setActive((active + step + found.length) % Math.max(1, found.length))
      else open()
    } else if (event.key === 'Enter' && isOpen && choice && !event.nativeEvent.isComposing) {
      // The first Enter chooses; the form around it gets the next one.
      event.preventDefault()
      event.stopPropagation()
      choose(choice)
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault()
      event.stopPropagation()
      setTyped(undefined)
      setOpen(false)
    }
  }
  const named = isBare
    ? { 'aria-label': label, 'aria-invalid': error !== undefined, variant: 'unstyled' as const }
    : { label, error }
  return (
    <div className={classes.picker}>
      <TextInput
        {...named}
        size="sm"
        data-autofocus={isBare || undefined}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-found`}
        aria-activedescendant={isOpen && found[active] ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={chosen === '' ? t('data.relation.placeholder') : undefined}
        value={typed ?? chosen}
        onFocus={({ currentTarget }) => currentTarget.select()}
        onClick={open}
        onBlur={() => {
          setOpen(false)
          setTyped(undefined)
        }}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value)
          open()
        }}
        onKeyDown={onKeyDown}
      />
      <div className={classes.found} hidden={!isOpen}>
        <div id={`${id}-found`} role="listbox" aria-label={label}>
          {found.map((choice, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys.
            <div
              key={choice.value}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className={classes.choice}
              // The field keeps the focus, or it would close before the click is done.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(choice)}
            >
              <span className={classes.label}>{choice.label}</span>
              {choice.value !== choice.label && <span className={classes.value}>{choice.value}</span>}
            </div>
          ))}
        </div>
        {found.length === 0 && (
          <p className={classes.none} role="status">
            {query.isError ? t('data.relation.failed') : query.isPending ? t('app.loading') : t('data.relation.none')}
          </p>
        )}
      </div>
    </div>
  )
}

import { ActionIcon, Button, NativeSelect } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyGroup, type FilterGroup, type FilterNode, type FilterRelated, newTest } from './filter-model.ts'
import classes from './filters.module.css'
import { type FilterField, TestRow } from './test-row.tsx'

/** Rows of another table that can be asked about. */
export interface FilterRelation {
  name: string
  /** Undefined until they are known, which begins when somebody asks about them. */
  fields: readonly FilterField[] | undefined
}

interface FilterBuilderProps {
  group: FilterGroup
  onChange: (group: FilterGroup) => void
  fields: readonly FilterField[]
  /** Offers `$me`: for rules, that are the same for everybody. */
  withMe?: boolean
  relations?: readonly FilterRelation[]
  depth?: number
}

const deepest = 3
const modes = ['and', 'or', 'none'] as const

/** Tests that all have to hold, or one of them; groups may lie in groups. */
export function FilterBuilder(props: FilterBuilderProps) {
  const { group, onChange, fields, withMe = false, relations = [], depth = 1 } = props
  const { t } = useTranslation()
  const replace = (index: number, node: FilterNode | undefined) =>
    onChange({ ...group, items: group.items.flatMap((item, at) => (at === index ? (node ?? []) : item)) })
  const add = (node: FilterNode) => onChange({ ...group, items: [...group.items, node] })
  const first = fields[0]
  return (
    <fieldset className={classes.group} data-depth={depth}>
      <legend className={classes.legend}>{t('data.filter.group')}</legend>
      {(group.items.length > 1 || depth > 1 || group.mode === 'none') && (
        <NativeSelect
          size="xs"
          className={classes.mode ?? ''}
          aria-label={t('data.filter.mode')}
          value={group.mode}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...group, mode: modes.find((mode) => mode === value) ?? 'and' })
          }
          data={modes.map((mode) => ({ value: mode, label: t(`data.filter.${mode}`) }))}
        />
      )}
      {group.items.map((item, index) => {
        const key = `${index}`
        if (item.kind === 'test') {
          return (
            <TestRow key={key} test={item} fields={fields} withMe={withMe} onChange={(node) => replace(index, node)} />
          )
        }
        const isRelated = item.kind === 'related'
        return (
          <div key={key} className={classes.nested}>
            {isRelated ? (
              <RelatedRows related={item} relations={relations} onChange={(node) => replace(index, node)} />
            ) : (
              <FilterBuilder
                group={item}
                fields={fields}
                withMe={withMe}
                relations={relations}
                depth={depth + 1}
                onChange={(node) => replace(index, node)}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t(isRelated ? 'data.filter.removeRelated' : 'data.filter.removeGroup')}
              onClick={() => replace(index, undefined)}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </div>
        )
      })}
      <div className={classes.adding}>
        {first && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => add(newTest(first.path, first.type))}
          >
            {t('data.filter.add')}
          </Button>
        )}
        {depth < deepest && group.items.length > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() =>
              add({
                ...emptyGroup(),
                mode: group.mode === 'and' ? 'or' : 'and',
                items: first ? [newTest(first.path, first.type)] : [],
              })
            }
          >
            {t('data.filter.addGroup')}
          </Button>
        )}
        {relations[0] && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => relations[0] && add(newRelated(relations[0].name))}
          >
            {t('data.filter.addRelated')}
          </Button>
        )}
      </div>
    </fieldset>
  )
}

const newRelated = (relation: string): FilterRelated => ({
  ...{ kind: 'related', relation, quantifier: 'some', group: emptyGroup() },
})

interface RelatedRowsProps {
  related: FilterRelated
  relations: readonly FilterRelation[]
  onChange: (related: FilterRelated) => void
}

const quantifiers = ['some', 'none'] as const

/** What has to hold of one related row, or of none; without conditions, that there is one, or none. */
function RelatedRows({ related, relations, onChange }: RelatedRowsProps) {
  const { t } = useTranslation()
  const { relation, quantifier, group } = related
  const fields = relations.find(({ name }) => name === relation)?.fields
  return (
    <fieldset className={classes.group} data-depth={2}>
      <legend className={classes.legend}>{t('data.filter.related')}</legend>
      <div className={classes.related}>
        <NativeSelect
          size="sm"
          aria-label={t('data.filter.quantifier')}
          value={quantifier}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...related, quantifier: quantifiers.find((each) => each === value) ?? 'some' })
          }
          data={quantifiers.map((each) => ({ value: each, label: t(`data.filter.${each}Of`) }))}
        />
        <NativeSelect
          size="sm"
          aria-label={t('data.filter.relation')}
          value={relation}
          onChange={({ currentTarget: { value } }) => onChange({ ...newRelated(value), quantifier })}
          data={relations.map(({ name }) => name)}
        />
      </div>
      {fields && (
        <FilterBuilder
          group={group}
          fields={fields}
          depth={3}
          onChange={(next) => onChange({ ...related, group: next })}
        />
      )}
    </fieldset>
  )
}

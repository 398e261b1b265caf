import type { AdminTable } from '@atrium/client'
import { ActionIcon, Button, Group, Title } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChangeColumnDialog } from './change-column-dialog.tsx'
import { DropColumnDialog } from './drop-column-dialog.tsx'
import { NewColumnDialog } from './new-column-dialog.tsx'
import classes from './tables.module.css'

type Open = { kind: 'new' } | { kind: 'change' | 'drop'; column: string }

/** What the database says of the table; whoever may change tables changes the columns here. */
export function ColumnsCard({ table, isDisabled }: { table: AdminTable; isDisabled: boolean }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<Open>()
  const { insert, update } = table.writable
  const mayEdit = !isDisabled && table.kind === 'table' && (insert || update)
  const targetOf = (column: string) =>
    table.relations.find(({ kind, columns }) => kind === 'one' && columns.includes(column))?.table
  const opened = open && 'column' in open ? table.columns.find(({ name }) => name === open.column) : undefined
  const close = () => setOpen(undefined)
  return (
    <section className={classes.card} aria-labelledby="table-columns">
      <Group justify="space-between">
        <Title order={3} id="table-columns">
          {t('tables.columns')}
        </Title>
        {mayEdit && (
          <Button
            size="sm"
            variant="light"
            leftSection={<IconPlus size={16} stroke={2} aria-hidden />}
            onClick={() => setOpen({ kind: 'new' })}
          >
            {t('tables.addColumn')}
          </Button>
        )}
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard too */}
      <section className={classes.scroll} aria-labelledby="table-columns" tabIndex={0}>
        <table className={classes.facts}>
          <thead>
            <tr>
              <th scope="col">{t('tables.columnName')}</th>
              <th scope="col">{t('tables.columnType')}</th>
              <th scope="col">{t('tables.known')}</th>
              {mayEdit && <th scope="col" aria-label={t('tables.column.do')} />}
            </tr>
          </thead>
          <tbody>
            {table.columns.map(({ name, type, native_type, nullable, default: given, generated }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{native_type ? `${type} (${native_type})` : type}</td>
                <td>
                  {[
                    table.key.includes(name) ? t('tables.isKey') : undefined,
                    nullable ? undefined : t('tables.needed'),
                    given ? t('tables.default', { value: given }) : undefined,
                    generated ? t('tables.generated') : undefined,
                    targetOf(name) ? t('tables.pointsTo', { table: targetOf(name) }) : undefined,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </td>
                {mayEdit && (
                  <td className={classes.tools}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('tables.column.change', { name })}
                      onClick={() => setOpen({ kind: 'change', column: name })}
                    >
                      <IconPencil size={16} stroke={1.75} aria-hidden />
                    </ActionIcon>
                    {!table.key.includes(name) && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t('tables.column.drop', { name })}
                        onClick={() => setOpen({ kind: 'drop', column: name })}
                      >
                        <IconTrash size={16} stroke={1.75} aria-hidden />
                      </ActionIcon>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {open?.kind === 'new' && <NewColumnDialog table={table} onClose={close} />}
      {open?.kind === 'change' && opened && <ChangeColumnDialog table={table} column={opened} onClose={close} />}
      {open?.kind === 'drop' && opened && <DropColumnDialog table={table} column={opened} onClose={close} />}
    </section>
  )
}

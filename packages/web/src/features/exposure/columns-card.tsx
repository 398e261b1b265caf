import type { AdminTable } from '@atrium/client'
import { Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './tables.module.css'

/** What the database says of the table. */
export function ColumnsCard({ table }: { table: AdminTable }) {
  const { t } = useTranslation()
  const targetOf = (column: string) =>
    table.relations.find(({ kind, columns }) => kind === 'one' && columns.includes(column))?.table
  return (
    <section className={classes.card} aria-labelledby="table-columns">
      <Title order={3} id="table-columns">
        {t('tables.columns')}
      </Title>
      <section className={classes.scroll} aria-labelledby="table-columns">
        <table className={classes.facts}>
          <thead>
            <tr>
              <th scope="col">{t('tables.columnName')}</th>
              <th scope="col">{t('tables.columnType')}</th>
              <th scope="col">{t('tables.known')}</th>
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
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type GridColumn, isSortable } from '../columns.ts'
import { directionOf } from '../view-address.ts'
import classes from './grid.module.css'
import { roles } from './roles.ts'

interface GridHeadProps {
  columns: readonly GridColumn[]
  template: string
  width: number
  sort: string | undefined
  onSort: (column: string, isMore: boolean) => void
  /** The head that the keyboard is on. */
  active: number | undefined
  onActive: (column: number) => void
}

export function GridHead({ columns, template, width, sort, onSort, active, onActive }: GridHeadProps) {
  const { t } = useTranslation()
  return (
    <div {...roles.row(1)} className={classes.head} style={{ gridTemplateColumns: template, minWidth: width }}>
      <div
        {...roles.namedHead(t('data.openColumn'))}
        className={`${classes.headCell} ${classes.opener}`}
        data-place="-1:0"
        tabIndex={active === 0 ? 0 : -1}
      />
      {columns.map(({ column }, index) => {
        const direction = directionOf(sort, column.name)
        const Arrow = direction === 'descending' ? IconArrowDown : IconArrowUp
        const place = { 'data-place': `-1:${index + 1}`, tabIndex: active === index + 1 ? 0 : -1 }
        return (
          <div key={column.name} {...roles.head(direction ?? 'none')} className={classes.headCell}>
            {isSortable(column) ? (
              <button
                type="button"
                {...place}
                className={classes.sort}
                title={t('data.sortBy', { name: column.name })}
                onFocus={() => onActive(index + 1)}
                onClick={(event) => onSort(column.name, event.shiftKey)}
              >
                <span className={classes.text}>{column.name}</span>
                {direction && <Arrow size={15} stroke={2} aria-hidden />}
              </button>
            ) : (
              <span {...place} className={`${classes.sort} ${classes.text}`}>
                {column.name}
              </span>
            )}
          </div>
        )
      })}
    </div>
  )
}

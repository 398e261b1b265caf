/**
 * What the parts of the grid are to people who listen to it. Elements of a table would say the same, and cannot leave
 * rows out while the others keep their places.
 */
export const roles = {
  rows: { role: 'rowgroup' },
  row: (index: number) => ({ role: 'row', 'aria-rowindex': index }),
  head: (sort: 'ascending' | 'descending' | 'none') => ({ role: 'columnheader', 'aria-sort': sort }),
  namedHead: (label: string) => ({ role: 'columnheader', 'aria-label': label }),
  cell: (isReadOnly?: boolean) => ({ role: 'gridcell', 'aria-readonly': isReadOnly }),
} as const

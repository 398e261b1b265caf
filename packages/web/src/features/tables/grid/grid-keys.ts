/** A place in the grid; row -1 is the heads of the columns, column 0 opens the row. */
export interface Place {
  row: number
  column: number
}

interface Bounds {
  rows: number
  columns: number
  /** Rows that are in sight at once. */
  page: number
}

/** Where a key leads; undefined for every other key. */
export function moved(
  { row, column }: Place,
  key: string,
  ctrl: boolean,
  { rows, columns, page }: Bounds,
): Place | undefined {
  const to = (nextRow: number, nextColumn: number): Place => ({
    row: Math.max(-1, Math.min(nextRow, rows - 1)),
    column: Math.max(0, Math.min(nextColumn, columns)),
  })
  switch (key) {
    case 'ArrowDown':
      return to(ctrl ? rows - 1 : row + 1, column)
    case 'ArrowUp':
      return to(ctrl ? -1 : row - 1, column)
    case 'ArrowRight':
      return to(row, ctrl ? columns : column + 1)
    case 'ArrowLeft':
      return to(row, ctrl ? 0 : column - 1)
    case 'PageDown':
      return to(row + page, column)
    case 'PageUp':
      return to(Math.max(0, row - page), column)
    case 'Home':
      return to(ctrl ? 0 : row, 0)
    case 'End':
      return to(ctrl ? rows - 1 : row, columns)
    default:
      return undefined
  }
}

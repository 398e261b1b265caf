/**
 * The place of the first row of which it is true, as of all after it; behind the last one when there is none. Rows stand
 * in order, so half of them are out of the question at each look.
 */
export function firstRow(rows: ArrayLike<HTMLElement>, isTrue: (row: HTMLElement) => boolean): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row && isTrue(row)) high = middle
    else low = middle + 1
  }
  return low
}

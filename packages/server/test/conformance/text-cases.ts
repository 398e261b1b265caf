import type { OperatorName } from '../../src/modules/tables/query/operators.ts'

/** By operator: values, and the rows it is true of. */
export type Cases = Partial<Record<OperatorName, [value: unknown, ids: number[]][]>>

/** Of text, with the texts of the first two rows. */
export const textCases = (first: unknown, second: unknown): Cases => ({
  eq: [
    [first, [1]],
    [second, [2]],
    ['', [3]],
    ['A', []],
    ['A ', [6]],
    ['a', [5, 7]],
  ],
  neq: [['', [1, 2, 5, 6, 7]]],
  gt: [['a', [2]]],
  gte: [['a', [2, 5, 7]]],
  lt: [['O', [3, 6]]],
  lte: [['A ', [3, 6]]],
  between: [
    [
      ['A', 'a'],
      [1, 5, 6, 7],
    ],
  ],
  in: [
    [
      ['', 'a', 'A'],
      [3, 5, 7],
    ],
  ],
  nin: [
    [
      ['', 'a'],
      [1, 2, 6],
    ],
  ],
  contains: [
    ['\'Hare "', [1]],
    ['👩‍👧', [2]],
    ['%_', [1]],
    ['é', []],
    ['', [1, 2, 3, 5, 6, 7]],
  ],
  icontains: [
    ['A', [1, 5, 6, 7]],
    ['ZOË', [2]],
  ],
  starts: [
    ['O\'Hare "', [1]],
    ['👨', [2]],
    ['A', [6]],
  ],
  ends: [
    [' *?', [1]],
    ['\u{10ffff}', [2]],
    [' ', [6]],
  ],
  like: [
    ['O%\\%\\_%', [1]],
    ['_', [5, 7]],
    ['%日本%', [2]],
    ['', [3]],
  ],
  ilike: [
    ['a_', [6]],
    ['%SAID%', [1]],
  ],
  regex: [
    ['^a$', [5, 7]],
    ['^👨.*\u{10ffff}$', [2]],
    ["'Hare", [1]],
  ],
  search: [
    ['so said', [1]],
    ['ZOË 日本', [2]],
  ],
})

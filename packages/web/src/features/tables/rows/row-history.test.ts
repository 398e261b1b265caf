import { expect, it } from 'vitest'
import type { Column, Revision } from '../types.ts'
import { broughtBy, changesBetween } from './row-history.ts'

const column = (name: string): Column => ({
  ...{ name, type: 'text', nullable: true, has_default: false, generated: false, writable: true },
})
const columns = [column('name'), column('note')]
const revision = (action: string, record: object): Revision => ({
  ...{ rev: '', action, changed_by: null, created_at: '', record: { ...record } },
})
const told = (revisions: Revision[], index: number) =>
  broughtBy(revisions, index, columns).map(({ column: { name }, before, after }) => [name, before, after])

it('tells field by field what a change made of a row', () => {
  const revisions = [
    revision('update', { name: 'b', note: null }),
    revision('update', { name: 'b', note: 'x' }),
    revision('insert', { name: 'a', note: null }),
  ]
  expect(told(revisions, 0)).toEqual([['note', 'x', null]])
  expect(told(revisions, 1)).toEqual([
    ['name', 'a', 'b'],
    ['note', null, 'x'],
  ])
  // Of a new row what it has; that it has nothing elsewhere is no news.
  expect(told(revisions, 2)).toEqual([['name', null, 'a']])
})

it('shows whole what came back after it was deleted, and what was found', () => {
  const revisions = [
    revision('insert', { name: 'again' }),
    revision('delete', { name: 'a' }),
    revision('found', { name: 'a' }),
  ]
  expect(told(revisions, 0)).toEqual([['name', null, 'again']])
  expect(told(revisions, 2)).toEqual([['name', null, 'a']])
  expect(told(revisions, 3)).toEqual([])
})

it('compares what a column holds, not how it is held in memory', () => {
  expect(changesBetween({ name: ['a'] }, { name: ['a'], note: undefined }, columns)).toEqual([])
})

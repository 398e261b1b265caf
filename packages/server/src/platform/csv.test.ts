import { expect, it } from 'vitest'
import { csvLine, textOfCell } from './csv.ts'

it.each([
  '=cmd()',
  '+1',
  '-1',
  '@x',
  '\tx',
  '\rx',
  '\nx',
  '  =1+1',
  '\t=1',
  '\uff1d1',
  '\uff0b1',
  '\uff0d1',
  '\uff20x',
  '\0=1',
])('M44: %j is text to a spreadsheet', (text) => {
  expect(csvLine([text])).toBe(`"'${text}"\r\n`)
})

it('quotes, separators and line breaks stay inside their cell', () => {
  expect(csvLine(['a"b', 'c,d', 'e\r\nf', '', null, 1.5, -1, true])).toBe('"a""b","c,d","e\r\nf","",,1.5,-1,true\r\n')
})

it('text that only holds such letters is left as it is', () => {
  expect(csvLine(['a=b', '1-1', 'ann@example.com'])).toBe('"a=b","1-1","ann@example.com"\r\n')
})

it.each(["'=1", "''=1", "'", "'a", "a'", '=1', '\t', "'\t", '', "' -1"])('M44: %j is read as it was', (text) => {
  const [cell = ''] = csvLine([text]).slice(1, -3).split('\0\0')
  expect(textOfCell(cell)).toBe(text)
  expect(cell).not.toMatch(/^[\s\0]*[=+\-@]/)
})

import { Type } from 'typebox'
import { expect, it } from 'vitest'
import { nullable } from './schemas.ts'
import { lazySerializer } from './serialization.ts'

const Word = Type.Union([Type.Literal('ok'), Type.Literal('failed')], { description: 'How it is' })
const Part = Type.Object({ name: Type.String(), count: Type.Integer() })
const answer = Type.Object({
  word: Word,
  maybe: Type.Union([Word, Type.Null()]),
  part: Type.Union([Part, Type.Null()]),
  parts: Type.Array(Type.Union([Type.Null(), Part])),
  text: nullable(Type.String()),
  either: Type.Union([Part, Type.Object({ other: Type.Boolean() }), Type.Null()]),
})

it('what may be null, one of several words, or one of several forms, is written as it is', () => {
  const write = lazySerializer({ schema: answer, method: 'GET', url: '/' })
  const nothing = { word: 'ok', maybe: null, part: null, parts: [], text: null, either: null }
  const part = { name: 'say "so"', count: 1 }
  const all = { word: 'failed', maybe: 'ok', part, parts: [part, null], text: '', either: { other: true } }
  for (const value of [nothing, all, { ...all, either: part }]) expect(JSON.parse(write(value))).toEqual(value)
  // Nothing is told that the schema does not name, and nothing is missing.
  expect(JSON.parse(write({ ...nothing, part: { ...part, secret: 1 } })).part).toEqual(part)
  expect(() => write({ ...nothing, part: { name: 'x' } })).toThrow('count')
})

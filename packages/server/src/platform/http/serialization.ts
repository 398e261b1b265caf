import fastJsonStringify from 'fast-json-stringify'
import type { FastifyInstance } from 'fastify'
import { madeOnce } from '../unchanging.ts'

type SerializerCompiler = Parameters<FastifyInstance['setSerializerCompiler']>[0]
type Serialize = (data: unknown) => string

/** By schema, as routes share those of their errors. */
const serializers = new WeakMap<object, Serialize>()

function serializerOf(schema: object): Serialize {
  const known = serializers.get(schema)
  if (known) return known
  const made = madeOnce(fastJsonStringify(withoutChoices(schema) as object))
  serializers.set(schema, made)
  return made
}

interface Part {
  type?: unknown
  const?: unknown
}

/**
 * A schema for writing: one of several words is a text, and what may be null is that or null. Without this each such value
 * would be looked up among its choices, by a validator that is made for it.
 */
function withoutChoices(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutChoices)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, withoutChoices(part)]))
  const { anyOf, ...rest } = parts as { anyOf?: Part[] }
  if (!Array.isArray(anyOf)) return parts
  if (anyOf.every((each) => typeof each.const === 'string')) return { ...rest, type: 'string' }
  const [one, ...more] = anyOf.filter(({ type }) => type !== 'null')
  const isOneOrNull = more.length === 0 && typeof one?.type === 'string' && anyOf.length === 2
  return isOneOrNull ? { ...one, ...rest, nullable: true } : parts
}

/** Writes answers as Fastify does, but makes what writes them at a route's first answer and not at the start. */
export const lazySerializer: SerializerCompiler = ({ schema }) => {
  let serialize: Serialize | undefined
  return (data) => {
    serialize ??= serializerOf(schema as object)
    return serialize(data)
  }
}

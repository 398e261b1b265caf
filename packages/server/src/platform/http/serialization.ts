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

/**
 * A schema for writing: one of several words is a text. Without this the words of each answer would be searched through,
 * by a validator which is made for it.
 */
function withoutChoices(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutChoices)
  if (typeof schema !== 'object' || schema === null) return schema
  const { anyOf, ...rest } = schema as { anyOf?: { const?: unknown }[] }
  const isWords = anyOf?.every((each) => typeof each.const === 'string')
  const parts = isWords ? { ...rest, type: 'string' } : schema
  return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, withoutChoices(part)]))
}

/** Writes answers as Fastify does, but makes what writes them at a route's first answer and not at the start. */
export const lazySerializer: SerializerCompiler = ({ schema }) => {
  let serialize: Serialize | undefined
  return (data) => {
    serialize ??= serializerOf(schema as object)
    return serialize(data)
  }
}

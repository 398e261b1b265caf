import fastJsonStringify from 'fast-json-stringify'
import type { FastifyInstance } from 'fastify'
import { madeOnce } from '../unchanging.ts'

type Serialize = (data: unknown) => string

/** By schema, as routes share those of their errors. */
const serializers = new WeakMap<object, Serialize>()

function serializerOf(schema: object): Serialize {
  const known = serializers.get(schema)
  if (known) return known
  const made = madeOnce(fastJsonStringify(schema))
  serializers.set(schema, made)
  return made
}

/** Writes answers as Fastify does, but makes what writes them at a route's first answer and not at the start. */
export function useLazySerialization(app: FastifyInstance): void {
  app.setSerializerCompiler(({ schema }) => {
    let serialize: Serialize | undefined
    return (data) => {
      serialize ??= serializerOf(schema as object)
      return serialize(data)
    }
  })
}

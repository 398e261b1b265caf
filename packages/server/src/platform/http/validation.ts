import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Value } from 'typebox/value'
import { type FieldError, platformErrors } from '../errors.ts'
import { assertStorable } from './text-check.ts'

/**
 * Checks by schema, made when they are first needed: to compile every route's took half the time of a start, and most
 * processes that start are asked by few of them.
 */
const compiled = new WeakMap<TSchema, ReturnType<typeof Compile>>()

function checkOf(schema: TSchema): ReturnType<typeof Compile> {
  const known = compiled.get(schema)
  if (known) return known
  const made = Compile(schema)
  compiled.set(schema, made)
  return made
}

/** A compiled schema: gives the value back or throws validation_failed / unknown_field. */
export function validator<T>(schema: TSchema): (value: unknown) => T {
  return (value) => {
    const check = checkOf(schema)
    if (check.Check(value)) return value as T
    throw toError(check.Errors(value))
  }
}

/** The same check guards bodies, queries and socket commands; only the text of URLs is converted to numbers first. */
export const lazyValidator: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  return (data: unknown) => {
    try {
      return { value: checkedPart(httpPart, schema as TSchema, data) }
    } catch (error) {
      return { error: error as Error }
    }
  }
}

/** A part of a request as its route takes it. Throws not_found, validation_failed, unknown_field. */
export function checkedPart(part: string | undefined, schema: TSchema, data: unknown): unknown {
  const check = validator(schema)
  if (part === 'body') return check(data)
  // An address that cannot exist is answered like one that does not.
  const isKnown = part === 'params'
  if (isKnown && !checkOf(schema).Check(data)) throw platformErrors.not_found()
  assertStorable(data)
  const given = converted(schema, data)
  return isKnown && given === data ? data : check(given)
}

interface ObjectSchema {
  properties?: Readonly<Record<string, TSchema & { type?: string }>>
  additionalProperties?: unknown
}

/** An address has texts only: what a schema wants as text stays as it is, and converting it would cost more than its check. */
function converted(schema: TSchema, data: unknown): unknown {
  const { properties, additionalProperties } = schema as ObjectSchema
  const isPlain = properties !== undefined && typeof additionalProperties !== 'object'
  if (!isPlain || typeof data !== 'object' || data === null) return Value.Convert(schema, data)
  const isLeft = ([name, value]: [string, unknown]) =>
    !Object.hasOwn(properties, name) || (typeof value === 'string' && properties[name]?.type === 'string')
  const others = Object.entries(data).filter((entry) => !isLeft(entry))
  if (others.length === 0) return data
  const result = Object.assign(Object.create(null), data) as Record<string, unknown>
  for (const [name, value] of others) result[name] = convertedValue(properties[name] as TSchema, value)
  return result
}

/** A short run of digits is the number it says, whichever way it is converted. */
const convertedValue = (schema: TSchema & { type?: string }, value: unknown): unknown =>
  schema.type === 'integer' && typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value)
    ? Number(value)
    : Value.Convert(schema, value)

function toError(errors: TLocalizedValidationError[]): Error {
  const unknown = errors.flatMap((error) =>
    error.keyword === 'additionalProperties'
      ? error.params.additionalProperties.map((name) => ({
          pointer: `${error.instancePath}/${name}`,
          code: 'unknown_field',
          message: 'There is no such field',
        }))
      : [],
  )
  if (unknown.length > 0)
    return platformErrors.unknown_field({ detail: attention(unknown), members: { errors: unknown } })
  const fields = errors.filter((error) => error.keyword !== 'anyOf').flatMap(toFieldErrors)
  const distinct = fields.filter(
    (field, index) => fields.findIndex(({ pointer }) => pointer === field.pointer) === index,
  )
  const shown = distinct.slice(0, 20)
  return platformErrors.validation_failed({ detail: attention(shown), members: { errors: shown } })
}

function toFieldErrors(error: TLocalizedValidationError): FieldError[] {
  const at = error.instancePath
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        pointer: `${at}/${name}`,
        code: 'required',
        message: 'This field is required',
      }))
    case 'minLength':
      return [{ pointer: at, code: 'too_short', message: `Needs at least ${error.params.limit} characters` }]
    case 'maxLength':
      return [{ pointer: at, code: 'too_long', message: `May have at most ${error.params.limit} characters` }]
    case 'type':
      return [{ pointer: at, code: 'wrong_type', message: capitalised(error.message) }]
    case 'pattern':
      return [{ pointer: at, code: 'invalid', message: 'This does not have the right form' }]
    case 'const':
    case 'enum':
      return [{ pointer: at, code: 'invalid', message: 'This is not one of the values allowed here' }]
    default:
      return [{ pointer: at, code: 'invalid', message: capitalised(error.message) }]
  }
}

const attention = (errors: readonly unknown[]): string =>
  errors.length === 1 ? '1 field needs attention' : `${errors.length} fields need attention`

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { App } from '../src/app.ts'
import { liveEvents } from '../src/modules/tables/index.ts'
import type { EventEnvelope } from '../src/platform/events/event-rendering.ts'

/** What is wrong with an event as it was told: unknown, not as its schema says, or with more than its schema says. */
export function faultOf(app: Pick<App, 'services'>, { type, data }: EventEnvelope): string | undefined {
  if (type === 'skipped') return data === undefined ? undefined : 'skipped carries data'
  const known = app.services.rendering.types.find((each) => each.type === type)
  if (!known) return `${type} is not on the list of events`
  return misfit(type, known.data, data)
}

function misfit(type: string, schema: TSchema, data: unknown): string | undefined {
  const [error] = Value.Errors(schema, data)
  if (error) return `${type}${error.instancePath} ${error.message}`
  const cleaned = JSON.stringify(Value.Clean(schema, structuredClone(data)))
  return cleaned === JSON.stringify(data) ? undefined : `${type} tells more than its schema: ${JSON.stringify(data)}`
}

/** Throws at the first event that is not as it should be. */
export function assertTold(app: Pick<App, 'services'>, events: readonly EventEnvelope[]): void {
  const faults = events.flatMap((event) => faultOf(app, event) ?? [])
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

/** The same for what is told of tables, outside of streams. */
export function assertTableNews(heard: readonly { name: string; payload: unknown }[]): void {
  const faults = heard.flatMap(({ name, payload }) => {
    if (!name.startsWith('data.')) return []
    if (!Object.hasOwn(liveEvents, name)) return [`${name} is not on the list of events`]
    return misfit(name, liveEvents[name as keyof typeof liveEvents], payload) ?? []
  })
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

import { defineTopic } from '../events/event-bus.ts'

/** Told once to who listens now, on every instance; nothing of it is kept, and nobody asks for it later. */
export interface EphemeralEvent {
  /** `conversation_<id>`, `user_<id>`, `presence_<id>` … */
  room: string
  event: string
  data: unknown
  exceptUserIds?: readonly string[] | undefined
}

export const ephemeral = defineTopic<EphemeralEvent>('ephemeral', { shared: true })

import type { Actor } from '../../platform/actor.ts'

/** Which of these files the actor may read. */
export type FileReader = (actor: Actor, fileIds: readonly string[]) => Promise<ReadonlySet<string>>

/** Rooms that show files of others say here who may read them: an attachment follows its conversation. */
export class FileReaders {
  readonly #readers = new Map<string, FileReader>()

  add(name: string, reader: FileReader): void {
    if (this.#readers.has(name)) throw new Error(`There is a reader ${name} already`)
    this.#readers.set(name, reader)
  }

  async readable(actor: Actor, fileIds: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>()
    for (const reader of this.#readers.values()) {
      const open = fileIds.filter((id) => !found.has(id))
      if (open.length === 0) break
      const readable = await reader(actor, open)
      for (const id of open) if (readable.has(id)) found.add(id)
    }
    return found
  }
}

import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import type { FileUse } from './files.repository.ts'

/**
 * Takes the file out of what shows it: locks its own rows, gives nothing back (`FileUses.release`) and appends nothing, but
 * answers what is to be told.
 */
export type FileHolder = (uow: UnitOfWork, fileId: string, usedBy: string) => Promise<NewEvent[]>

/** Rooms that show files say here how they let go of one that an administrator removes. */
export class FileHolders {
  readonly #holders = new Map<FileUse['kind'], FileHolder>()

  add(kind: FileUse['kind'], holder: FileHolder): void {
    if (this.#holders.has(kind)) throw new Error(`There is a holder ${kind} already`)
    this.#holders.set(kind, holder)
  }

  find(kind: FileUse['kind']): FileHolder {
    const holder = this.#holders.get(kind)
    if (!holder) throw new Error(`Nothing says how ${kind} lets go of a file`)
    return holder
  }
}

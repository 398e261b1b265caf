import type { SealedBox } from '../../../platform/sealed-box.ts'
import { digest, type Watching } from './watching.ts'

/** A place in the stream of a table, as a subscriber keeps it. Sealed, for it counts also what they do not see. */
export class LiveCursors {
  readonly #box: SealedBox

  constructor(box: SealedBox) {
    this.#box = box
  }

  seal(watching: Watching, seq: number): string {
    // Of the same length wherever it is.
    return this.#box.seal(String(seq).padStart(16, '0'), purposeOf(watching))
  }

  /** Undefined for what was not given for this, to this person, by today's rules. */
  open(watching: Watching, cursor: string): number | undefined {
    try {
      return Number(this.#box.open(cursor, purposeOf(watching)))
    } catch {
      return undefined
    }
  }
}

const purposeOf = ({ wanted, access, print }: Watching): string =>
  JSON.stringify([
    'data cursor',
    wanted.table,
    access.caller.userId,
    access.snapshot.books?.epoch,
    print,
    wantedDigest(wanted),
  ])

/** With another filter or other fields it would be another subscription. */
const wantedDigest = ({ filter, fields }: Watching['wanted']): string => digest([filter ?? null, fields ?? null])

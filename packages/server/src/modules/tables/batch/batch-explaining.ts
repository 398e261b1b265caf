import { tellStep } from '../../../platform/decision-steps.ts'
import { AppError } from '../../../platform/errors.ts'
import type { Snapshot } from '../registry.ts'
import { assertBatch, type One, resolved } from './batch-requests.ts'

export type { One as BatchRequest } from './batch-requests.ts'

/** What one request of a batch would come to; `code` is undefined where that cannot be told. */
export interface Foreseen {
  code: string | null | undefined
  /** What later ones may refer to; undefined where it is not known. */
  answer?: unknown
}

class Over extends Error {
  readonly code: string | null | undefined

  constructor(code: string | null | undefined) {
    super('Only tried')
    this.code = code
  }
}

/** All of them in one transaction, each seeing what those before it have written; it is taken back, whatever they say. */
export async function foreseeBatch(
  { handle }: Pick<Snapshot, 'handle'>,
  requests: readonly One[],
  foresee: (one: One) => Promise<Foreseen>,
): Promise<string | null | undefined> {
  assertBatch(requests)
  try {
    return await handle.together(async () => {
      throw new Over(await outcomeOf(requests, foresee))
    })
  } catch (error) {
    if (error instanceof Over) return error.code
    throw error
  }
}

async function outcomeOf(requests: readonly One[], foresee: (one: One) => Promise<Foreseen>) {
  const earlier = new Map<string, unknown>()
  let isWhole = true
  for (const [index, one] of requests.entries()) {
    const asked = orNothing(() => resolved(one, earlier, index), isWhole)
    if (asked === undefined) return undefined
    const { code, answer } = await foresee(asked)
    const values = { index, id: one.id, code: code ?? null }
    if (code === undefined) return undefined
    tellStep('rule', `request ${index} of the batch`, code === null, values)
    if (code !== null) return 'state_conflict'
    if (answer === undefined) isWhole = false
    earlier.set(one.id, answer)
  }
  return null
}

/** A reference that leads nowhere is wrong only where all answers are known. */
function orNothing(work: () => One, isWhole: boolean): One | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof AppError && !isWhole) return undefined
    throw error
  }
}

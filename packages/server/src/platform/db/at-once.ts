import type { CompiledQuery, QueryResult } from 'kysely'
import type { Db } from './schema.ts'

/** What is asked of the database, and what is made of its answers. */
export interface Question<Answer> {
  queries: readonly CompiledQuery[]
  read(results: readonly QueryResult<unknown>[]): Answer
}

/** One that is answered without asking. */
export const answered = <Answer>(answer: Answer): Question<Answer> => ({ queries: [], read: () => answer })

export const mapped = <From, To>({ queries, read }: Question<From>, make: (answer: From) => To): Question<To> => ({
  queries,
  read: (results) => make(read(results)),
})

type Questions<Answers extends readonly unknown[]> = { [Place in keyof Answers]: Question<Answers[Place]> }

/** Many as one, answered in their order. */
export const allOf = <Answers extends readonly unknown[]>(questions: Questions<Answers>): Question<Answers> => ({
  queries: questions.flatMap(({ queries }) => queries),
  read: (results) => {
    let place = 0
    return questions.map(({ queries, read }) => {
      const first = place
      place += queries.length
      return read(results.slice(first, place))
    }) as unknown as Answers
  },
})

/** Several statements in the place of one, for the driver. */
interface Several extends CompiledQuery {
  several: readonly CompiledQuery[]
  mayWait: boolean
}

/** What the driver was given: one statement, or several. */
export function statementsOf(query: CompiledQuery) {
  if (!('several' in query)) return { statements: [query], isOne: true, mayWait: false }
  const { several, mayWait } = query as Several
  return { statements: several, isOne: false, mayWait }
}

const run = (db: Db, several: readonly CompiledQuery[], mayWait: boolean) =>
  db.executeQuery({ ...several[0], several, mayWait } as Several)

/**
 * Asks what does not wait for each other's answers: by one way to the database and back where the engine has one, else one
 * after the other. They are run in this order, and inside a transaction not after one that fails; outside of one they only
 * read, and may be asked twice.
 */
export async function askAll<Answers extends readonly unknown[]>(
  db: Db,
  questions: Questions<Answers>,
): Promise<Answers> {
  const { queries, read } = allOf<Answers>(questions)
  return read(queries.length === 0 ? [] : ((await run(db, queries, false)).rows as QueryResult<unknown>[]))
}

/**
 * Writes whose answers nobody waits for. Inside a transaction, where the engine has a way, they go with what is asked
 * next, or with the commit, and that is what fails where one of them does.
 */
export async function writeAll(db: Db, queries: readonly CompiledQuery[]): Promise<void> {
  if (queries.length > 0) await run(db, queries, true)
}

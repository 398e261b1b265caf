import type { AtriumModule, BuiltModule } from '../../../src/extend/module.ts'

/** What goes wrong in it, and the words its error has: one for each, told by no other. */
export const failures = {
  throws: 'a handler threw',
  rejects: 'a handler rejected',
  strays: 'a handler left a promise alone',
  'faulty.throw': 'a command threw',
  'faulty.stray': 'a command left a promise alone',
  poison: 'a job fails at every turn',
  stray: 'a job left a promise alone',
} as const

const leave = (words: string) => void Promise.reject(new Error(words))

const schema = (operationId: string) => ({ operationId, summary: 'Goes wrong', tags: ['faulty'] })
const access = { access: 'user' as const }

const routes: NonNullable<BuiltModule['routes']> = async (app) => {
  app.post('/throws', {
    config: access,
    schema: schema('throwInFaulty'),
    handler: () => {
      throw new Error(failures.throws)
    },
  })
  app.post('/rejects', {
    config: access,
    schema: schema('rejectInFaulty'),
    handler: async () => {
      await new Promise((done) => setImmediate(done))
      throw new Error(failures.rejects)
    },
  })
  app.post('/strays', {
    config: access,
    schema: schema('strayInFaulty'),
    handler: async () => {
      setTimeout(() => leave(failures.strays), 5)
      return { answered: true }
    },
  })
}

let turns = 0

/** Loaded into a server by MODULES: a feature of somebody’s that goes wrong wherever it can. */
export default {
  name: 'faulty',
  build: () => ({
    routes,
    commands: [
      {
        name: 'faulty.throw',
        access: 'user',
        run: () => {
          throw new Error(failures['faulty.throw'])
        },
      },
      {
        name: 'faulty.stray',
        access: 'user',
        run: async () => {
          leave(failures['faulty.stray'])
          return { answered: true }
        },
      },
    ],
    jobs: [
      { name: 'poison', everySeconds: 1, run: () => Promise.reject(new Error(failures.poison)) },
      {
        name: 'stray',
        everySeconds: 1,
        run: async () => {
          if (turns++ === 0) leave(failures.stray)
          return 0
        },
      },
    ],
  }),
} satisfies AtriumModule

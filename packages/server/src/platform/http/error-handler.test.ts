import Fastify, { type FastifyBaseLogger } from 'fastify'
import { expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { platformErrors } from '../errors.ts'
import { handleErrors } from './error-handler.ts'

it('who is turned away because there are too many is no error of the server; what is out of reach, or unforeseen, is one', async () => {
  const log = collectLog()
  const loggerInstance: FastifyBaseLogger = log.logger
  const app = Fastify({ loggerInstance, disableRequestLogging: true })
  handleErrors(app, { isUnavailable: (error) => (error as Error).message === 'gone', isDiskFull: () => false })
  const thrown: Record<string, Error> = {
    crowded: platformErrors.busy({ members: { retry_after: 2 } }),
    gone: new Error('gone'),
    broken: new Error('broken'),
    refused: platformErrors.not_found(),
  }
  app.get('/:what', async ({ params }) => {
    throw thrown[(params as { what: string }).what]
  })
  const answers: unknown[] = []
  for (const what of Object.keys(thrown)) {
    const { statusCode, headers } = await app.inject(`/${what}`)
    answers.push([statusCode, headers['retry-after']])
  }
  await app.close()
  expect(answers).toEqual([
    [503, '2'],
    [503, '2'],
    [500, undefined],
    [404, undefined],
  ])
  expect(log.find('request ').map(({ level, code }) => [level, code])).toEqual([
    ['warn', 'busy'],
    ['error', 'unavailable'],
    ['error', 'internal_error'],
    ['info', 'not_found'],
  ])
})

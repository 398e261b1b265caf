import Fastify, { type FastifyInstance } from 'fastify'
import { expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import type { Logger } from '../log.ts'
import { logRequests } from './request-lines.ts'

/** What the door knows of a request, without one. */
async function answering(log: Logger): Promise<FastifyInstance> {
  const app = Fastify({ genReqId: () => 'id-1' })
  app.decorateRequest('visitor', null)
  app.decorateRequest('span', null)
  app.decorateRequest('client', { getter: () => ({ ip: '192.0.2.1', userAgent: '' }) })
  app.addHook('onRequest', (request, _reply, done) => {
    const { user, trace, path } = request.headers
    // As a client may send it that encodes nothing.
    if (path) request.raw.url = decodeURIComponent(String(path))
    if (user) Object.assign(request, { visitor: { userId: user } })
    if (trace) Object.assign(request, { span: { traceId: trace } })
    done()
  })
  logRequests(app, log)
  app.all('/*', async () => 'answer')
  await app.ready()
  return app
}

const requests = [
  { url: '/plain?secret=1' },
  { url: '/', headers: { user: '0190a000', path: encodeURIComponent('/quote"and\\back\nslash\u0001?x') } },
  { url: '/', headers: { trace: 'a"b', path: encodeURIComponent('/é\u2028🜚\u007f') } },
  { url: `/${'long'.repeat(100)}`, method: 'DELETE', headers: { user: 'u', trace: 't' } },
] as const

const isTime = /^\{"level":"info","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/

it('LO1: the line of a request is the one that the logger itself would have written, without what was searched for', async () => {
  const [own, general] = [collectLog(), collectLog()]
  // Only of the log itself is known where its lines go.
  const apps = [await answering(own.logger), await answering(general.logger.child({}))]
  for (const request of requests) {
    for (const app of apps) {
      await app.inject(request)
    }
  }
  const told = ({ lines }: typeof own) =>
    lines.map((line) => line.replace(isTime, '{').replace(/"ms":[\d.]+/, '"ms":0'))
  expect(own.lines).toHaveLength(requests.length)
  for (const line of own.lines) expect(line).toMatch(isTime)
  expect(told(own).map((line) => JSON.parse(line))).toEqual(told(general).map((line) => JSON.parse(line)))
  expect(own.lines[0]).not.toContain('secret')
  expect(own.lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
  await Promise.all(apps.map((app) => app.close()))
})

it('a logger that says nothing of requests, or more in each line, is asked itself', async () => {
  const log = collectLog()
  log.logger.level = 'warn'
  const [quiet, bound] = [await answering(log.logger), collectLog()]
  await quiet.inject({ url: '/' })
  expect(log.lines).toEqual([])
  const more = await answering(bound.logger.child({ worker: 2 }))
  await more.inject({ url: '/' })
  expect(bound.find('request')).toMatchObject([{ worker: 2, path: '/' }])
  await Promise.all([quiet.close(), more.close()])
})

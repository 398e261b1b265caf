import { expect, it } from 'vitest'
import { errorCatalogue, errorTables } from '../src/error-catalogue.ts'
import { authorizationPage, operationsOf } from './authorization-table.ts'
import { configurationPage, errorsPage, eventsPage } from './reference-pages.ts'
import { createTestApp } from './test-app.ts'

const page = (name: string) => `../../../docs/reference/${name}.md`

it('the configuration page is what the settings are', async () => {
  await expect(configurationPage()).toMatchFileSnapshot(page('configuration'))
})

it('the errors page is what the code answers', async () => {
  await expect(errorsPage(errorCatalogue)).toMatchFileSnapshot(page('errors'))
})

it('the events page is what is told and taken', async () => {
  const app = await createTestApp()
  const events = app.services.rendering.types
  await expect(eventsPage(events, app.realtime.commandNames)).toMatchFileSnapshot(page('events'))
  await app.drop()
})

it('the page of who may do what is what the rules say', async () => {
  const app = await createTestApp()
  const path = '../../../docs/security/authorization.md'
  await expect(authorizationPage(operationsOf(app))).toMatchFileSnapshot(path)
  await app.drop()
})

it('every error code is defined once', () => {
  const codes = errorTables.flatMap((table) => Object.keys(table))
  expect(codes.length).toBe(new Set(codes).size)
})

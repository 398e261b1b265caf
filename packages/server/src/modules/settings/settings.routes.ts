import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import {
  EffectiveSetting,
  RuntimeSetting,
  SettingChange,
  SettingHistoryQuery,
  SettingsPatch,
} from './settings.schema.ts'
import type { SettingsService } from './settings.service.ts'

const tags = ['administration']
const problems = { 401: Problem, 403: Problem }
const reads = { access: { permission: 'settings:read' } }

export const settingRoutes =
  (settings: SettingsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/settings', {
      config: reads,
      schema: {
        operationId: 'listSettings',
        summary: 'What can be changed while the server runs',
        tags,
        response: { 200: pageOf(RuntimeSetting, 'RuntimeSettingList'), ...problems },
      },
      handler: async () => wholeList(await settings.list()),
    })

    app.put('/admin/settings', {
      config: { access: { permission: 'settings:update' }, recentAuth: true },
      schema: {
        operationId: 'changeSettings',
        summary: 'Change some of them, all or none; what is not named stays',
        tags,
        body: SettingsPatch,
        response: { 200: pageOf(RuntimeSetting, 'RuntimeSettingList'), ...problems, 422: Problem },
      },
      handler: async ({ actor, body }) => wholeList(await settings.change(actor, body)),
    })

    app.get('/admin/settings/history', {
      config: reads,
      schema: {
        operationId: 'listSettingChanges',
        summary: 'What was changed, by whom and from what, newest first',
        tags,
        querystring: SettingHistoryQuery,
        response: { 200: pageOf(SettingChange, 'SettingChangeList'), 400: Problem, ...problems },
      },
      handler: async ({ actor, query }) => settings.history(actor, query),
    })

    app.get('/admin/config', {
      config: reads,
      schema: {
        operationId: 'getConfig',
        summary: 'Every setting, as it counts, with where it comes from; secrets are not shown',
        tags,
        response: { 200: pageOf(EffectiveSetting, 'EffectiveSettingList'), ...problems },
      },
      handler: async () => wholeList(settings.effective()),
    })
  }

export { settingRoutes } from './settings.routes.ts'
export { settingsChanged } from './settings.schema.ts'
export { SettingsService } from './settings.service.ts'
export { loadStoredSettings } from './stored-settings.ts'

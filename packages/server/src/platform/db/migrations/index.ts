import type { Migrations } from '../migration.ts'
import { platform } from './0001_platform.ts'
import { accounts } from './0002_accounts.ts'
import { messaging } from './0003_messaging.ts'

export const migrations: Migrations = {
  '0001_platform': platform,
  '0002_accounts': accounts,
  '0003_messaging': messaging,
}

import type { Migrations } from '../migration.ts'
import { platform } from './0001_platform.ts'
import { accounts } from './0002_accounts.ts'
import { messaging } from './0003_messaging.ts'
import { audit } from './0004_audit.ts'
import { mails } from './0005_mails.ts'
import { signIn } from './0006_sign_in.ts'
import { secondFactors } from './0007_second_factors.ts'
import { identities } from './0008_identities.ts'
import { rolesAndKeys } from './0009_roles_and_keys.ts'
import { conversations } from './0010_conversations.ts'
import { people } from './0011_people.ts'
import { notifications } from './0012_notifications.ts'
import { presence } from './0013_presence.ts'
import { files } from './0014_files.ts'
import { places } from './0015_places.ts'
import { tables } from './0016_tables.ts'
import { pictures } from './0017_pictures.ts'
import { idempotency } from './0018_idempotency.ts'
import { search } from './0019_search.ts'
import { auditChain } from './0021_audit_chain.ts'
import { webhooks } from './0022_webhooks.ts'
import { placesByCategory } from './0023_places_by_category.ts'
import { adminConsole } from './0024_console.ts'
import { trust } from './0025_trust.ts'
import { largest } from './0028_console.ts'
import { browserReports } from './0029_browser_reports.ts'
import { newestOfEach } from './0030_newest_of_each.ts'
import { fewerPages } from './0031_fewer_pages.ts'
import { smallerSearchPieces } from './0032_smaller_search_pieces.ts'

export const migrations: Migrations = {
  '0001_platform': platform,
  '0002_accounts': accounts,
  '0003_messaging': messaging,
  '0004_audit': audit,
  '0005_mails': mails,
  '0006_sign_in': signIn,
  '0007_second_factors': secondFactors,
  '0008_identities': identities,
  '0009_roles_and_keys': rolesAndKeys,
  '0010_conversations': conversations,
  '0011_people': people,
  '0012_notifications': notifications,
  '0013_presence': presence,
  '0014_files': files,
  '0015_places': places,
  '0016_tables': tables,
  '0017_pictures': pictures,
  '0018_idempotency': idempotency,
  '0019_search': search,
  '0021_audit_chain': auditChain,
  '0022_webhooks': webhooks,
  '0023_places_by_category': placesByCategory,
  '0024_console': adminConsole,
  '0025_trust': trust,
  '0028_console': largest,
  '0029_browser_reports': browserReports,
  '0030_newest_of_each': newestOfEach,
  '0031_fewer_pages': fewerPages,
  '0032_smaller_search_pieces': smallerSearchPieces,
}

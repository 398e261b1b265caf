import type { Config } from '../../config/config.ts'
import type { NotificationsService } from '../notifications/index.ts'
import { WebhookSender, type WebhookSenderDependencies } from './webhook-sender.ts'
import { type WebhooksDependencies, WebhooksService } from './webhooks.service.ts'

export { postMessage } from './post-message.ts'
export { webhookRoutes } from './webhooks.routes.ts'

type Parts = Omit<WebhooksDependencies & WebhookSenderDependencies, 'rules'> & {
  config: Config
  notifications: NotificationsService
}

export function buildWebhooks({ config, ...parts }: Parts) {
  const rules = { loopbackAllowed: config.testing }
  return {
    webhooks: new WebhooksService({ ...parts, rules }),
    webhookSender: new WebhookSender({ ...parts, rules }),
  }
}

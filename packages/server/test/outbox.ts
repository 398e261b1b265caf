import type { MailData, MailTemplate } from '../src/modules/mails/index.ts'
import type { MailServer } from './mail-server.ts'
import { createTestApp, type TestApp } from './test-app.ts'

export const mailLink = 'http://localhost:8000/verify-email#token=abc'

export interface MailChange {
  template?: MailTemplate
  data?: object
  locale?: string
  expiresAt?: string
  userId?: string
}

/** An application that sends through a mail server of its own. */
export class Outbox {
  readonly app: TestApp

  constructor(app: TestApp) {
    this.app = app
  }

  static settings(server: MailServer): Record<string, string> {
    return { SMTP_URL: server.url, MAIL_FROM: 'Atrium Grüße <no-reply@example.com>' }
  }

  static async start(...[variables, ...more]: Parameters<typeof createTestApp>): Promise<Outbox> {
    return new Outbox(await createTestApp(variables, ...more))
  }

  write(to: string, change: MailChange = {}): Promise<void> {
    const data = { name: 'Ann', link: mailLink, code: '01234567', ...change.data } as MailData['verify_email']
    return this.app.database.unitOfWork((uow) =>
      this.app.services.mails.enqueue(uow, { to, template: 'verify_email', ...change, data }),
    )
  }

  rows() {
    return this.app.database.db.selectFrom('mails').selectAll().orderBy('id').execute()
  }

  async states(): Promise<string[]> {
    return (await this.rows()).map((row) => row.status)
  }

  /** Sends what is due. */
  run(): Promise<void> {
    return this.app.services.mailWorker.runOnce()
  }
}

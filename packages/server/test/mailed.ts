import type { TestApp } from './test-app.ts'

/** What the newest mail of this kind to this address carries; throws when there is none. */
export async function mailed(
  app: TestApp,
  to: string,
  template: string,
): Promise<{ token: string; code: string; links: string[]; text: string }> {
  const mail = (await app.mails(to)).filter((one) => one.template === template).at(-1)
  if (!mail) throw new Error(`No ${template} was mailed to ${to}`)
  const token = mail.links.map((link) => /#token=([\w-]+)$/.exec(link)?.[1]).find((one) => one !== undefined)
  return { token: token ?? '', code: /^(\d{8})$/m.exec(mail.text)?.[1] ?? '', links: mail.links, text: mail.text }
}

/** The kinds of mails to this address so far, oldest first. */
export const mailsTo = async (app: TestApp, to: string): Promise<string[]> =>
  (await app.mails(to)).map((mail) => mail.template)

/** The answers' statuses, with how many there were of each. */
export function tally(answers: readonly { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

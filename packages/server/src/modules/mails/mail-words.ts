import type { MailData, MailTemplate } from './mail-templates.ts'

/**
 * A piece of a mail: a paragraph; one that is left out where nothing ends; an address to open, by its name in the data;
 * a list, by its name in the data; or the code. `{name}` in a text is the value of that name, `{time}` when it happened, `{expires}` when the link ends.
 */
export type MailPart<Link extends string = string> =
  | string
  | { until: string }
  | { list: 'items' }
  | { link: Link; label: string }
  | 'code'

type LinkOf<Template extends MailTemplate> = Extract<keyof MailData[Template], `${string}link`>

export interface MailText<Link extends string = string> {
  subject: string
  body: readonly MailPart<Link>[]
}

/** All words of one language. */
export interface MailWords {
  greeting: string
  /** Where there is no name that can be repeated. */
  greetingWithoutName: string
  footer: string
  mails: { [Template in MailTemplate]: MailText<LinkOf<Template>> }
}

import { escapeHtml } from './mail-layout.ts'
import type { MailboxMail } from './mailbox.service.ts'

/** The frames inherit this: a mail's own styles are attributes, and nothing else of it works. */
export const mailboxPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src-elem 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

export const mailboxPage = (mails: readonly MailboxMail[], nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mailbox (${mails.length}) · Atrium</title>
<style nonce="${nonce}">${style}</style>
</head>
<body data-newest="${mails[0]?.id ?? ''}">
<header>
<div>
<h1>Mailbox</h1>
<p>Mails of this development server. They are kept here and sent nowhere.</p>
</div>
<button id="clear" type="button"${mails.length === 0 ? ' hidden' : ''}>Clear</button>
</header>
<p id="news" role="status"></p>
<main>
${mails.length === 0 ? empty : mails.map(entry).join('\n')}
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`

const empty = `<div class="empty">
<p>No mail yet.</p>
<p>Register an account or ask for a new password: what would be sent appears here.</p>
</div>`

function entry({ id, to, subject, text, html, links, code, created_at }: MailboxMail, index: number): string {
  const preview = html === '' ? '' : frame(html, subject)
  return `<details class="mail" id="mail-${id}"${index === 0 ? ' open' : ''}>
<summary><span class="subject">${escapeHtml(subject)}</span><span class="about"><span>to ${escapeHtml(to)}</span> <time datetime="${created_at}">${created_at}</time></span></summary>
<div class="body">
${code === undefined ? '' : `<p class="code">${code}</p>`}
${links.map(link).join('\n')}
<pre>${linked(text, links)}</pre>
${preview}
</div>
</details>`
}

const link = (address: string): string => {
  const shown = escapeHtml(address)
  return `<p class="link"><a href="${shown}" target="_blank" rel="noopener noreferrer">${shown}</a></p>`
}

/** The same links where they stand in the text. */
const linked = (text: string, links: readonly string[]): string =>
  text
    .split('\n')
    .map((line) => {
      const shown = escapeHtml(line)
      return links.includes(line) ? `<a href="${shown}" target="_blank" rel="noopener noreferrer">${shown}</a>` : shown
    })
    .join('\n')

/** Sandboxed: no script, no form, no way out but new windows. */
function frame(html: string, subject: string): string {
  const page = html.replace('<head>', '<head>\n<base target="_blank">')
  return `<details class="html">
<summary>As HTML</summary>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" loading="lazy" title="${escapeHtml(subject)}" srcdoc="${escapeHtml(page)}"></iframe>
</details>`
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d9dce3, #363a45); --soft: light-dark(#5a6172, #a3a9b8); --card: light-dark(#ffffff, #1d2027); --page: light-dark(#f4f5f8, #14161b); --link: light-dark(#1c5fd4, #8ab4ff); }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 50rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; background: var(--page) }
header { display: flex; gap: 1rem; align-items: start; justify-content: space-between; margin-bottom: 1rem }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25 }
header p { margin: .25rem 0 0; color: var(--soft) }
button { font: inherit; min-height: 2.75rem; padding: 0 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); color: inherit; cursor: pointer }
a { color: var(--link) }
a:focus-visible, button:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
#news:empty { display: none }
#news { padding: .75rem 1rem; border-radius: .5rem; background: var(--card); border: 1px solid var(--link) }
.empty { padding: 4rem 1rem; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: .75rem }
.empty p:first-child { font-size: 1.15rem; margin-bottom: 0 }
.mail { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; margin-bottom: .75rem; overflow: hidden }
.mail > summary { padding: .85rem 1rem; cursor: pointer; list-style: none }
.mail > summary::-webkit-details-marker { display: none }
.subject { display: block; font-weight: 600; overflow-wrap: anywhere }
.about { display: flex; flex-wrap: wrap; gap: 0 1rem; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere }
.about time { margin-left: auto }
.body { padding: 0 1rem 1rem; border-top: 1px solid var(--line) }
.code { font: 600 1.75rem/1.3 ui-monospace, monospace; letter-spacing: .15em; margin: 1rem 0 .5rem; user-select: all }
.link { margin: .75rem 0 0; overflow-wrap: anywhere; font-size: .9rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .9rem/1.55 ui-monospace, monospace; margin: 1rem 0 }
.html summary { cursor: pointer; color: var(--soft); padding: .5rem 0 }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: .5rem; background: Canvas }
`

const script = `
for (const time of document.querySelectorAll('time')) time.textContent = new Date(time.dateTime).toLocaleString()
const news = document.getElementById('news')
document.getElementById('clear').addEventListener('click', async () => {
  const answer = await fetch(location.pathname, { method: 'DELETE' }).catch(() => undefined)
  if (answer?.ok) location.reload()
  else news.textContent = 'The mails could not be removed. Is the server running?'
})
const look = async () => {
  const answer = await fetch(location.pathname, { headers: { accept: 'application/json' } }).catch(() => undefined)
  if (!answer?.ok) return
  const { data } = await answer.json()
  if ((data[0]?.id ?? '') === document.body.dataset.newest) return
  if (!document.querySelector('.html[open]') && !String(getSelection())) location.reload()
  else news.innerHTML = 'There is new mail. <a href="">Show it</a>'
}
setInterval(() => { if (!document.hidden) void look() }, 2000)
`

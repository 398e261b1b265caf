/** A mail with all its values in, before it is text or HTML. */
export interface Letter {
  language: string
  subject: string
  greeting: string
  pieces: readonly Piece[]
  footer: string
}

export type Piece =
  | { kind: 'paragraph'; text: string }
  | { kind: 'link'; label: string; address: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'code'; text: string }

/** Links and codes stand on lines of their own. */
export function textPart({ greeting, pieces, footer }: Letter): string {
  const blocks = pieces.map(toText)
  return `${[greeting, ...blocks, `-- \n${footer}`].join('\n\n')}\n`
}

function toText(piece: Piece): string {
  if (piece.kind === 'link') return `${piece.label}:\n${piece.address}`
  return piece.kind === 'list' ? piece.items.map((item) => `- ${item}`).join('\n') : piece.text
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? '')

const button =
  'display:inline-block;padding:12px 20px;border-radius:8px;background:#1c5fd4;color:#ffffff;font-weight:600;text-decoration:none'
const codeStyle = 'font:600 28px/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:3px'

/** Nothing is loaded from anywhere. No colours but the button's: the reader's light or dark stays. */
export function htmlPart({ language, subject, greeting, pieces, footer }: Letter): string {
  const paragraphs = [{ kind: 'paragraph', text: greeting } as const, ...pieces].map(toHtml)
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:24px;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:36em;margin:0 auto;overflow-wrap:anywhere">
${paragraphs.join('\n')}
<p style="margin-top:32px;font-size:13px;opacity:.7">${escapeHtml(footer)}</p>
</div>
</body>
</html>
`
}

function toHtml(piece: Piece): string {
  if (piece.kind === 'code') return `<p style="${codeStyle}">${escapeHtml(piece.text)}</p>`
  if (piece.kind === 'paragraph') return `<p>${escapeHtml(piece.text)}</p>`
  if (piece.kind === 'list') return `<ul>${piece.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
  const address = escapeHtml(piece.address)
  return `<p><a href="${address}" style="${button}">${escapeHtml(piece.label)}</a></p>
<p style="font-size:13px;opacity:.7">${address}</p>`
}

import { flatText, type Inline, inlineOf } from './inline-markdown.ts'

export type { Inline } from './inline-markdown.ts'

export type Block =
  | { kind: 'text'; content: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; content: Block[] }
  | { kind: 'list'; start: number | null; items: Inline[][] }

const deepestQuote = 3

const fence = /^ {0,3}```/
const quoteLine = /^ {0,3}>/
const bullet = /^ {0,3}[-*•] +(?=\S)/
const numbered = /^ {0,3}(\d{1,9})[.)] +(?=\S)/

export const parseMessage = (text: string): Block[] => blocksOf(text.split('\n'), 0)

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = []
  const lastFence = lines.findLastIndex((line) => fence.test(line))
  let plain: string[] = []
  const endPlain = () => {
    const text = plain.join('\n').replace(/^\n+/, '').trimEnd()
    if (text) blocks.push({ kind: 'text', content: inlineOf(text) })
    plain = []
  }
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? ''
    const end = blockEnd(lines, at, lastFence, depth)
    if (end === at) {
      plain.push(line)
      at += 1
      continue
    }
    endPlain()
    const own = lines.slice(at, end)
    if (fence.test(line)) blocks.push({ kind: 'code', text: own.slice(1, -1).join('\n') })
    else if (quoteLine.test(line)) {
      const inner = own.map((each) => each.replace(/^ {0,3}> ?/, ''))
      blocks.push({ kind: 'quote', content: blocksOf(inner, depth + 1) })
    } else {
      const sign = bullet.test(line) ? bullet : numbered
      const start = sign === numbered ? Number(numbered.exec(line)?.[1] ?? 1) : null
      blocks.push({ kind: 'list', start, items: own.map((each) => inlineOf(each.replace(sign, ''))) })
    }
    at = end
  }
  endPlain()
  return blocks
}

/** Where the block that begins with this line ends; the line itself when it is a line like any other. */
function blockEnd(lines: readonly string[], at: number, lastFence: number, depth: number): number {
  const line = lines[at] ?? ''
  const while_ = (sign: RegExp) => {
    let end = at
    while (end < lines.length && sign.test(lines[end] ?? '')) end += 1
    return end
  }
  if (fence.test(line) && at < lastFence) {
    let end = at + 1
    while (!fence.test(lines[end] ?? '')) end += 1
    return end + 1
  }
  if (quoteLine.test(line) && depth < deepestQuote) return while_(quoteLine)
  if (bullet.test(line)) return while_(bullet)
  return numbered.test(line) ? while_(numbered) : at
}

/** The words alone, for places that show one line: quotes, lists, notices. */
export function plainWords(text: string, format: 'plain' | 'markdown'): string {
  if (format === 'plain') return text
  return parseMessage(text).map(flatBlock).join('\n')
}

function flatBlock(block: Block): string {
  if (block.kind === 'code') return block.text
  if (block.kind === 'quote') return block.content.map(flatBlock).join('\n')
  if (block.kind === 'list') return block.items.map((item) => item.map(flatText).join('')).join('\n')
  return block.content.map(flatText).join('')
}

import { Anchor } from '@mantine/core'
import { Fragment, memo, useMemo } from 'react'
import type { ChatMessage } from '../message-groups.ts'
import { type Block, type Inline, parseMessage } from './markdown.ts'
import classes from './message-text.module.css'
import { textParts } from './web-addresses.ts'

type MessageTextProps = Pick<ChatMessage, 'text' | 'format'> & { myName: string; mentions: readonly string[] }

/** Always elements and text nodes of ours: what people write is never read as HTML. */
export const MessageText = memo(function MessageText({ text, format, myName, mentions }: MessageTextProps) {
  const blocks = useMemo(
    (): Block[] => (format === 'markdown' ? parseMessage(text) : plainBlocks(text)),
    [text, format],
  )
  const named: Named = { myName: myName.toLowerCase(), isAnyone: mentions.length > 0, isAll: mentions.includes('all') }
  const [only, ...more] = blocks
  if (only?.kind === 'text' && more.length === 0) return <Inlines content={only.content} named={named} />
  return <Blocks blocks={blocks} named={named} />
})

interface Named {
  myName: string
  isAnyone: boolean
  isAll: boolean
}

const plainBlocks = (text: string): Block[] => [
  {
    kind: 'text',
    content: textParts(text).map(
      ({ text, href }): Inline =>
        href ? { kind: 'link', href, content: [{ kind: 'text', text }] } : { kind: 'text', text },
    ),
  },
]

// biome-ignore-start lint/suspicious/noArrayIndexKey: the parts of one text never change places.
const Blocks = ({ blocks, named }: { blocks: readonly Block[]; named: Named }) =>
  blocks.map((block, index) => <BlockView key={index} block={block} named={named} />)

function BlockView({ block, named }: { block: Block; named: Named }) {
  if (block.kind === 'code') {
    return (
      <pre className={classes.pre}>
        <code>{block.text}</code>
      </pre>
    )
  }
  if (block.kind === 'quote') {
    return (
      <blockquote className={classes.quote}>
        <Blocks blocks={block.content} named={named} />
      </blockquote>
    )
  }
  if (block.kind === 'text') {
    return (
      <div className={classes.paragraph}>
        <Inlines content={block.content} named={named} />
      </div>
    )
  }
  const items = block.items.map((item, index) => (
    <li key={index}>
      <Inlines content={item} named={named} />
    </li>
  ))
  return block.start === null ? (
    <ul className={classes.list}>{items}</ul>
  ) : (
    <ol className={classes.list} start={block.start}>
      {items}
    </ol>
  )
}

const Inlines = ({ content, named }: { content: readonly Inline[]; named: Named }) =>
  content.map((inline, index) => <InlineView key={index} inline={inline} named={named} />)
// biome-ignore-end lint/suspicious/noArrayIndexKey: see above

function InlineView({ inline, named }: { inline: Inline; named: Named }) {
  if (inline.kind === 'text') return <Fragment>{inline.text}</Fragment>
  if (inline.kind === 'code') return <code className={classes.code}>{inline.text}</code>
  if (inline.kind === 'mention') {
    const isMe = inline.name === named.myName || (inline.name === 'all' && named.isAll)
    return named.isAnyone ? (
      <span className={classes.mention} data-me={isMe || undefined}>
        {inline.text}
      </span>
    ) : (
      inline.text
    )
  }
  const inner = <Inlines content={inline.content} named={named} />
  if (inline.kind === 'bold') return <strong>{inner}</strong>
  if (inline.kind === 'italic') return <em>{inner}</em>
  if (inline.kind === 'strike') return <s>{inner}</s>
  return (
    <Anchor href={inline.href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
      {inner}
    </Anchor>
  )
}

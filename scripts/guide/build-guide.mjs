// Makes docs/dist: the guide as pages that the server shows at /guide, with an index that the browser searches. A link that
// leads nowhere stops it.
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import MarkdownIt from 'markdown-it'
import MiniSearch from 'minisearch'
import { frame } from './frame.mjs'

const root = join(import.meta.dirname, '../..')

/** Where each file of the repository is shown. */
function placesOf() {
  const own = globSync('docs/**/*.md', { cwd: root }).filter((file) => !file.startsWith('docs/dist/'))
  const others = [
    'README.md',
    'CHANGELOG.md',
    ...globSync('{deploy,packages/client,examples/*}/README.md', { cwd: root }),
  ]
  return new Map(
    [...own, ...others].sort().map((file) => {
      const path = file
        .replace(/^docs\//, '')
        .replace(/^guide\//, '')
        .replace(/\.md$/, '')
      if (file === 'docs/README.md') return [file, '']
      return [file, file === 'README.md' ? 'about' : path.replace(/\/README$/, '').toLowerCase()]
    }),
  )
}

const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

const plain = (inline) =>
  inline.children
    .filter(({ type }) => /^(text|code_inline|softbreak)$/.test(type))
    .map(({ content }) => content || ' ')
    .join('')

const addressOf = (place) => `/guide${place === '' ? '' : `/${place}`}`

/** One page: its title, its HTML, its sections for the search, its anchors, and where its links lead. */
function render(file, places) {
  const markdown = new MarkdownIt({ html: false, linkify: false })
  const links = []
  const pictures = []
  const linkTo = (href) => {
    if (/^(https?:|mailto:)/.test(href)) return href
    const [path, anchor] = href.split('#')
    const target = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path))
    const place = places.get(target)
    if (place === undefined) {
      if (!existsSync(join(root, target))) throw new Error(`${file}: ${href} leads nowhere.`)
      return undefined
    }
    links.push({ target, anchor })
    return `${addressOf(place)}${anchor ? `#${anchor}` : ''}`
  }
  markdown.renderer.rules.image = (tokens, index) => {
    const source = posix.normalize(posix.join(posix.dirname(file), tokens[index].attrGet('src')))
    pictures.push(source)
    const alt = markdown.utils.escapeHtml(tokens[index].content)
    return `<img src="/guide/assets/${posix.basename(source)}" alt="${alt}" loading="lazy">`
  }
  markdown.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n'
  markdown.renderer.rules.table_close = () => '</table></div>\n'
  markdown.renderer.rules.fence = (tokens, index) =>
    `<pre tabindex="0"><code>${markdown.utils.escapeHtml(tokens[index].content)}</code></pre>\n`

  const tokens = markdown.parse(readFileSync(join(root, file), 'utf8'), {})
  const sections = []
  const anchors = new Set()
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const heading = plain(tokens[index + 1])
      const id = slugOf(heading)
      token.attrSet('id', id)
      anchors.add(id)
      sections.push({ heading, id, text: [] })
    }
    if (token.type === 'inline') {
      if (tokens[index - 1]?.type !== 'heading_open') sections.at(-1)?.text.push(plain(token))
      for (const child of token.children.filter(({ type }) => type === 'link_open')) {
        const href = linkTo(child.attrGet('href'))
        // A file of the repository that is no page: its name without a link.
        if (href === undefined) child.attrs = []
        else child.attrSet('href', href)
      }
    }
    if (token.type === 'fence') sections.at(-1)?.text.push(token.content)
  }
  const html = markdown.renderer.render(tokens, markdown.options, {})
  return { file, title: sections[0]?.heading ?? file, html, sections, anchors, links, pictures }
}

/** The pages in the order in which the first page names them, under its headings. */
function contentsOf(index, places) {
  const groups = []
  for (const line of readFileSync(join(root, index), 'utf8').split('\n')) {
    const heading = /^## (.*)$/.exec(line)?.[1]
    if (heading) groups.push({ heading, pages: [] })
    const [, name, path] = /^(?:\| |- )\[([^\]]+)\]\(([^)#]+\.md)\)/.exec(line) ?? []
    const place = path && places.get(posix.normalize(posix.join('docs', path)))
    if (place !== undefined && name) groups.at(-1)?.pages.push({ name, address: addressOf(place) })
  }
  return groups.filter(({ pages }) => pages.length > 0)
}

/** Writes all pages into `folder`. */
export function buildGuide(folder) {
  const places = placesOf()
  const pages = [...places.keys()].map((file) => render(file, places))
  const byFile = new Map(pages.map((page) => [page.file, page]))
  for (const { file, links } of pages)
    for (const { target, anchor } of links)
      if (anchor && !byFile.get(target).anchors.has(anchor))
        throw new Error(`${file}: ${target} has no heading #${anchor}.`)

  rmSync(folder, { recursive: true, force: true })
  const assets = join(folder, 'assets')
  mkdirSync(assets, { recursive: true })
  const contents = contentsOf('docs/README.md', places)
  for (const { file, title, html } of pages) {
    const place = places.get(file)
    const target = join(folder, `${place === '' ? 'index' : place}.html`)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, frame({ title, html, contents, address: addressOf(place) }))
  }
  const search = new MiniSearch({ fields: ['heading', 'title', 'text'], storeFields: ['title', 'heading', 'address'] })
  const sections = pages
    .filter(({ file }) => !file.startsWith('docs/adr/'))
    .flatMap(({ file, title, sections: all }) =>
      all.map(({ heading, id, text }) => ({
        title,
        heading,
        text: text.join(' '),
        address: `${addressOf(places.get(file))}#${id}`,
      })),
    )
  search.addAll(sections.map((section, id) => ({ ...section, id })))
  writeFileSync(join(assets, 'search.json'), JSON.stringify(search))
  copyFileSync(join(root, 'node_modules/minisearch/dist/es/index.js'), join(assets, 'minisearch.js'))
  copyFileSync(join(root, 'packages/web/public/favicon.svg'), join(assets, 'favicon.svg'))
  for (const name of ['guide.css', 'guide.js']) copyFileSync(join(import.meta.dirname, name), join(assets, name))
  for (const picture of new Set(pages.flatMap(({ pictures }) => pictures)))
    copyFileSync(join(root, picture), join(assets, posix.basename(picture)))
  return { pages: pages.length, sections: sections.length }
}

if (process.argv[1] === import.meta.filename) buildGuide(join(root, 'docs/dist'))

import MiniSearch from './minisearch.js'

const words = document.querySelector('#words')
const found = document.querySelector('#found')
const form = document.querySelector('#search')
const options = { fields: ['heading', 'title', 'text'], storeFields: ['title', 'heading', 'address'] }
const how = { prefix: true, fuzzy: 0.15, boost: { title: 2, heading: 3 }, combineWith: 'AND' }

// On a wide screen the list of pages is always open.
const wide = matchMedia('(min-width: 60rem)')
const openPages = () => {
  document.querySelector('nav details').open = wide.matches
}
wide.addEventListener('change', openPages)
openPages()

let index
const load = () => {
  index ??= fetch('/guide/assets/search.json')
    .then((answer) => answer.text())
    .then((text) => MiniSearch.loadJSON(text, options))
  return index
}

const line = (text, name) => Object.assign(document.createElement(name), { textContent: text })

async function search() {
  const text = words.value.trim()
  found.hidden = text === ''
  if (text === '') return
  const all = (await load()).search(text, how)
  if (words.value.trim() !== text) return
  const items = all.slice(0, 12).map(({ title, heading, address }) => {
    const link = Object.assign(line(heading, 'a'), { href: address })
    const item = document.createElement('li')
    item.append(link, ...(heading === title ? [] : [line(` in ${title}`, 'span')]))
    return item
  })
  const list = document.createElement('ol')
  list.append(...items)
  found.replaceChildren(line(all.length === 0 ? 'Nothing found.' : `${all.length} found`, 'p'), list)
}

const close = () => {
  words.value = ''
  found.hidden = true
  words.focus()
}

words.addEventListener('focus', () => void load())
words.addEventListener('input', () => void search())
form.addEventListener('submit', (event) => {
  event.preventDefault()
  found.querySelector('a')?.click()
})
found.addEventListener('click', (event) => {
  if (event.target.closest('a')) found.hidden = true
})
document.addEventListener('keydown', (event) => {
  const links = [...found.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  const inSearch = document.activeElement === words || at >= 0
  if (event.key === '/' && !event.target.closest('input')) {
    event.preventDefault()
    words.focus()
  } else if (inSearch && event.key === 'Escape') close()
  else if (inSearch && !found.hidden && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault()
    const next = at + (event.key === 'ArrowDown' ? 1 : -1)
    if (next < 0) words.focus()
    else links[Math.min(next, links.length - 1)]?.focus()
  }
})

// `node bench/pages.mjs`: puts bench/results into docs/performance.md and bench/README.md, and draws the charts. A test
// (scripts/performance-pages.test.mjs) fails when they differ.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { images, resultFiles } from './chart.mjs'
import { root } from './harness/folders.mjs'
import { figureTable, growthTables, paperTables, ratioTable, readConclusions } from './harness/published.mjs'

const everything = (conclusions) => ratioTable(conclusions, true)
const tables = {
  ratios: (conclusions) => ratioTable(conclusions),
  everything,
  growth: growthTables,
  figures: figureTable,
  paper: paperTables,
}

/** What stands between `[results: name]: #` and `[end]: #`, which Markdown does not show, is made anew. */
const filled = (text, conclusions) =>
  text.replace(
    /(\[results: (\w+)\]: #\n)[\s\S]*?(\n\[end\]: #)/g,
    (_, begin, name, end) => `${begin}\n${tables[name](conclusions) ?? 'Not measured so far.'}\n${end}`,
  )

/** Each file that is made of results, as it has to be. */
export function made(conclusions) {
  const pages = ['docs/performance.md', 'bench/README.md'].map((file) => [
    file,
    filled(readFileSync(join(root, file), 'utf8'), conclusions),
  ])
  const drawn = Object.entries(images).map(([name, draw]) => [`docs/images/${name}`, draw(conclusions)])
  return [...pages, ...drawn.filter(([, svg]) => svg)]
}

export const published = () => made(readConclusions(resultFiles()))

if (process.argv[1] === import.meta.filename)
  for (const [file, text] of published()) writeFileSync(join(root, file), text)

import { existsSync } from 'node:fs'
import { join } from 'node:path'

const oldest = [22, 18]

/** The Node this clone has brought along, or the running one where it is new enough. */
export function cloneNode(root) {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(own)) return own
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return process.execPath
  throw new Error(
    `Atrium needs Node ${oldest.join('.')} or newer; this is ${process.version}, and the clone's own is missing ` +
      '(were install scripts switched off?). Please run: npm rebuild node --ignore-scripts=false',
  )
}

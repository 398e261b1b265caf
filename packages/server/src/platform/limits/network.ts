import { isIPv4, isIPv6 } from 'node:net'

const mostRemembered = 1_000
const longest = 60

/** Of the addresses asked about lately: whoever is here comes again and again. */
function remembered(find: (address: string) => string): (address: string) => string {
  const known = new Map<string, string>()
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const found = find(address)
    if (address.length > longest) return found
    if (known.size >= mostRemembered) known.clear()
    known.set(address, found)
    return found
  }
}

/** One spelling per address: IPv4 inside IPv6 becomes IPv4, IPv6 is written in full lower case groups. */
export const canonicalAddress = remembered((address) => {
  const plain = address.replace(/%.*$/, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1]
  if (mapped && isIPv4(mapped)) return mapped
  if (!isIPv6(plain)) return plain
  const groups = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(groups)
  if (!hex) return groups
  const [high, low] = [Number.parseInt(hex[1] ?? '0', 16), Number.parseInt(hex[2] ?? '0', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
})

/** What one subscriber holds: an IPv4 address, or an IPv6 /64, within which addresses can be changed at will. */
export const networkOf = remembered((address) => {
  const canonical = canonicalAddress(address)
  if (!isIPv6(canonical)) return canonical
  const [head = '', tail] = canonical.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const filler = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  return `${[...left, ...filler, ...right].slice(0, 4).join(':')}::/64`
})

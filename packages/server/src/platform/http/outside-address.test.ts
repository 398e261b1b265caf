import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { isPublicAddress, outsideLookup, outsideUrl } from './outside-address.ts'

const strict = { loopbackAllowed: false }

it.each([
  ...['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '223.255.255.255'],
  ...['2606:4700:4700::1111', '2a00:1450:4001::200e'],
])('M50: %s is on the internet', (address) => expect(isPublicAddress(address)).toBe(true))

it.each([
  ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ...['169.254.169.254', '100.64.0.1', '198.18.0.1', '192.0.0.170', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::127.0.0.1', 'fe80::1', 'fe80::1%eth0'],
  ...['fc00::1', 'fd12:3456::1', 'ff02::1', '64:ff9b::7f00:1', '2001:db8::1', '2002:7f00:1::1', '2001::1', 'x', ''],
])('M50: %j is not', (address) => expect(isPublicAddress(address)).toBe(false))

it.each([
  ...['http://push.example.com/x', 'ftp://push.example.com', 'https://localhost/x', 'https://a.localhost./', 'x', ''],
  ...['https://127.0.0.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://127.1/'],
  ...['https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[fd00::1]/', 'https://169.254.169.254/latest'],
  ...['https://user@push.example.com/', 'https://intranet/', 'https://１２７.0.0.1/', 'file:///etc/passwd'],
])('M50: %s is not called', (url) => expect(outsideUrl(url, strict)).toBe(undefined))

it('M50: an address of the internet is called, loopback only where a test says so', () => {
  expect(outsideUrl('https://push.example.com/abc?d=e', strict)?.hostname).toBe('push.example.com')
  expect(outsideUrl('https://1.1.1.1:8443/', strict)?.port).toBe('8443')
  expect(outsideUrl('http://127.0.0.1:9/', { loopbackAllowed: true })?.port).toBe('9')
  expect(outsideUrl('http://10.0.0.1/', { loopbackAllowed: true })).toBe(undefined)
  expect(outsideUrl('http://push.example.com/', { loopbackAllowed: true })).toBe(undefined)
})

it('M50: a name that leads to this machine is refused when it is looked up', async () => {
  const look = (rules: { loopbackAllowed: boolean }, all: boolean) =>
    promisify(outsideLookup(rules) as (name: string, options: object, done: (error: Error | null) => void) => void)(
      'localhost',
      { all },
    )
  for (const all of [true, false]) {
    await expect(look(strict, all)).rejects.toThrow('not an address of the internet')
    await expect(look({ loopbackAllowed: true }, all)).resolves.toBeDefined()
  }
})

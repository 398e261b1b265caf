import { describe, expect, it } from 'vitest'
import { addressList, canonicalNetwork } from './address-list.ts'

describe('canonicalNetwork', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    [' 10.0.0.0/8 ', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalNetwork(text)).toBe(expected)
  })

  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '0x7f.1',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '2001:db8::/129',
    '::ffff:10.0.0.0/95',
    'fe80::1%eth0',
    '10.0.0.1, 10.0.0.2',
  ])('%j is none', (text) => {
    expect(canonicalNetwork(text)).toBe(undefined)
  })
})

it('an address is in a list in either of its spellings', () => {
  const isListed = addressList(['192.0.2.7', '10.0.0.0/8', '2001:db8:1::/48'])
  const listed = ['192.0.2.7', '10.255.0.1', '2001:db8:1:ffff::1', '::ffff:192.0.2.7', '::ffff:a00:1']
  expect(listed.filter((address) => !isListed(address))).toEqual([])
  const others = ['192.0.2.8', '11.0.0.1', '2001:db8:2::1', '::ffff:192.0.2.8', '::a00:1', '', 'nonsense']
  expect(others.filter(isListed)).toEqual([])
})

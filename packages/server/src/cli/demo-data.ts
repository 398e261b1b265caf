/** A small harbour town, so that every page of the web app has something to show. */
export const demoPeople = [
  { username: 'maya', display_name: 'Maya Lindqvist' },
  { username: 'tomas', display_name: 'Tomás Ferreira' },
  { username: 'ingrid', display_name: 'Ingrid Solberg' },
  { username: 'yusuf', display_name: 'Yusuf Demir' },
  { username: 'hana', display_name: 'Hana Kobayashi' },
  { username: 'piotr', display_name: 'Piotr Nowak' },
] as const

export type DemoName = (typeof demoPeople)[number]['username']

/** Addresses that nobody can ever have (RFC 2606): no mail leaves for them. */
export const demoAddress = (username: string): string => `${username}@demo.invalid`

export interface DemoConversation {
  /** Whoever begins it. */
  by: DemoName
  with: readonly DemoName[]
  /** A group; without it the conversation of two. */
  title?: string
  lines: readonly [from: DemoName, text: string][]
}

export const demoConversations: readonly DemoConversation[] = [
  {
    by: 'maya',
    with: ['tomas', 'ingrid', 'yusuf', 'hana', 'piotr'],
    title: 'Harbour office',
    lines: [
      ['maya', 'Good morning! The night ferry was on time, for once.'],
      ['tomas', 'I saw it come in. Berth 4 is free again.'],
      ['ingrid', 'The crane is inspected at ten. Nobody under it before eleven, please.'],
      ['yusuf', 'Understood. Who takes the pilot boat this afternoon?'],
      ['hana', 'Me. Wind from the west, 12 knots, getting stronger towards evening.'],
      ['piotr', 'Then I bring the small boats in by five.'],
      ['maya', 'Thank you all. Lists are under Files, boats are under Data.'],
      ['tomas', 'Lunch at the net loft? They have soup.'],
      ['ingrid', 'Soup!'],
    ],
  },
  {
    by: 'hana',
    with: ['maya', 'piotr'],
    title: 'Summer regatta',
    lines: [
      ['hana', 'Eleven boats have signed up. Last year it was seven.'],
      ['maya', 'We need a second marker buoy then.'],
      ['piotr', 'There is one in the shed. It wants paint.'],
      ['hana', 'I have orange.'],
      ['piotr', 'Orange it is.'],
    ],
  },
  {
    by: 'maya',
    with: ['tomas'],
    lines: [
      ['maya', 'Could you look at the log of berth 2? The times seem to be off by an hour.'],
      ['tomas', 'Summer time. I will mend it today.'],
      ['maya', 'Every year!'],
      ['tomas', 'Every year.'],
    ],
  },
  {
    by: 'yusuf',
    with: ['maya'],
    lines: [
      ['yusuf', 'Can I swap Thursday with Ingrid?'],
      ['maya', 'If Ingrid is fine with it, so am I.'],
      ['yusuf', 'She is. Thank you!'],
    ],
  },
]

export const demoFiles: readonly { by: DemoName; name: string; visibility: 'private' | 'public'; text: string }[] = [
  {
    by: 'maya',
    name: 'duty-roster.csv',
    visibility: 'private',
    text: 'day,early,late\nMonday,Maya,Tomás\nTuesday,Ingrid,Yusuf\nWednesday,Hana,Piotr\nThursday,Yusuf,Maya\nFriday,Tomás,Hana\n',
  },
  {
    by: 'maya',
    name: 'welcome.md',
    visibility: 'public',
    text: '# Welcome to the harbour\n\nBerths are given out at the office. Channel 12 is listened to day and night.\n',
  },
  {
    by: 'hana',
    name: 'tide-table.txt',
    visibility: 'public',
    text: 'high 05:12  low 11:24\nhigh 17:40  low 23:51\n',
  },
]

export const demoPlaces: readonly { by: DemoName; name: string; category: string; at: readonly [number, number] }[] = [
  { by: 'maya', name: 'Harbour office', category: 'office', at: [9.9667, 53.5436] },
  { by: 'maya', name: 'Berth 2', category: 'berth', at: [9.9702, 53.5429] },
  { by: 'maya', name: 'Berth 4', category: 'berth', at: [9.9741, 53.5424] },
  { by: 'ingrid', name: 'The old crane', category: 'sight', at: [9.9853, 53.5431] },
  { by: 'piotr', name: 'Boat shed', category: 'berth', at: [9.9588, 53.5447] },
  { by: 'hana', name: 'Start of the regatta', category: 'regatta', at: [9.9431, 53.5409] },
  { by: 'hana', name: 'Marker buoy', category: 'regatta', at: [9.9312, 53.5391] },
  { by: 'tomas', name: 'The net loft', category: 'food', at: [9.9761, 53.5462] },
]

export const demoTable = {
  name: 'demo_boats',
  columns: [
    { name: 'name', type: 'text', length: 80, nullable: false },
    { name: 'kind', type: 'text', length: 40 },
    { name: 'length_m', type: 'decimal', precision: 5, scale: 2 },
    { name: 'built', type: 'integer' },
    { name: 'in_service', type: 'boolean' },
  ],
} as const

export const demoRows = [
  { name: 'Albatross', kind: 'ferry', length_m: '42.50', built: 1998, in_service: true },
  { name: 'Blue Heron', kind: 'pilot boat', length_m: '14.20', built: 2011, in_service: true },
  { name: 'Cormorant', kind: 'tug', length_m: '23.80', built: 1987, in_service: true },
  { name: 'Dipper', kind: 'dinghy', length_m: '3.60', built: 2019, in_service: true },
  { name: 'Egret', kind: 'sloop', length_m: '9.75', built: 1974, in_service: true },
  { name: 'Fulmar', kind: 'sloop', length_m: '11.30', built: 2003, in_service: true },
  { name: 'Gannet', kind: 'rescue boat', length_m: '16.90', built: 2016, in_service: true },
  { name: 'Harrier', kind: 'barge', length_m: '38.00', built: 1962, in_service: false },
  { name: 'Ibis', kind: 'dinghy', length_m: '3.20', built: 2021, in_service: true },
  { name: 'Kittiwake', kind: 'ketch', length_m: '13.40', built: 1958, in_service: true },
]

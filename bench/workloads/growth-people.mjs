// P8: what one thing costs among few people, members and sessions, and among very many.
import { openChannel, register, signInOf, startAtrium } from '../subjects/atrium.mjs'
import { fillMembers, fillPeople, fillSessions } from '../subjects/crowd.mjs'
import { boundedSizes, compareGrowth } from './growth.mjs'

const kinds = [
  {
    title: 'growth with people, SQLite',
    sizes: [1_000, 100_000, 1_000_000],
    fill: fillPeople,
    asks: (_room, [person]) => ({
      'sign in with a password': () => ['POST', '/auth/login', signInOf(person)],
      'read the own account': () => ['GET', '/users/me'],
      'people whose names begin so': () => ['GET', '/users?search=person&limit=20'],
      'people whose names begin so, many': () => ['GET', '/users?search=filler&limit=20'],
    }),
  },
  {
    title: 'growth with members of the conversation, SQLite',
    sizes: [10, 1_000, 10_000],
    fill: fillMembers,
    asks: (room) => ({
      'send to all members': (index) => [
        'POST',
        `/conversations/${room}/messages`,
        { client_id: `m${index}`, text: `Growth ${index}` },
      ],
      'conversations with what is unread, many members': () => ['GET', '/conversations?limit=20'],
      'a page of members': () => ['GET', `/conversations/${room}/members?limit=50`],
      'mark read among many members': () => ['PUT', `/conversations/${room}/read`, { seq: 1 }],
    }),
  },
  {
    title: 'growth with sessions of one person, SQLite',
    sizes: [10, 100, 1_000],
    fill: fillSessions,
    asks: (_room, [person]) => ({
      'read the own account, many sessions': () => ['GET', '/users/me'],
      'sign in once more': () => ['POST', '/auth/login', signInOf(person)],
      'a page of the own sessions': () => ['GET', '/users/me/sessions'],
    }),
  },
]

export async function growthPeople(context) {
  const conclusions = []
  for (const kind of kinds) conclusions.push(await growthOf(context, kind))
  return conclusions
}

async function growthOf(
  { builds: [build], folder, options, profile, sizes: asked, tell },
  { title, sizes, fill, asks },
) {
  const subjects = []
  const bounded = boundedSizes(sizes, asked)
  for (const size of bounded) {
    const name = `${title}, ${size.toLocaleString('en')}`
    const first = await startAtrium({ ...build, name, folder })
    const people = await register(first.port, 2)
    const conversation = await openChannel(first.port, people)
    await first.stop()
    fill(first.dataDir, { ...people[0], conversation }, size)
    const server = await startAtrium({ ...build, name, folder, profile, dataDir: first.dataDir })
    subjects.push({ size, server, person: people[0], asks: asks(conversation, people) })
  }
  const rows = []
  for (const what of Object.keys(asks('', []))) rows.push(await compareGrowth(what, subjects, options.rounds, tell))
  for (const { server } of subjects) await server.stop()
  return { id: 'P8', title, sizes: bounded, rows, atMost: 1.5 }
}

// P8: what one thing costs while few sockets are connected and signed in, and while very many are.
import { openChannel, openConversations, register, startAtrium } from '../subjects/atrium.mjs'
import { connectAll } from '../subjects/socket-load.mjs'
import { boundedSizes, compareGrowth } from './growth.mjs'

const sizes = [100, 1_000, 5_000]
/** Each may have ten sockets. */
const mostPeople = 500
const title = 'growth with sockets of others, SQLite'
const asksOf = ({ conversation } = {}) => ({
  'read the own account beside sockets': () => ['GET', '/users/me'],
  'send to one other beside sockets': (index) => [
    'POST',
    `/conversations/${conversation}/messages`,
    { client_id: `m${index}`, text: `Growth ${index}` },
  ],
})

export async function growthSockets({ builds: [build], folder, options, profile, sizes: asked, tell }) {
  const subjects = []
  const bounded = boundedSizes(sizes, asked)
  for (const size of bounded) {
    const name = `${title}, ${size.toLocaleString('en')}`
    const server = await startAtrium({ ...build, name, folder, profile, sockets: size })
    const [person, other, ...others] = await register(server.port, Math.min(size, mostPeople) + 2)
    await openConversations(server.port, [person, other])
    const room = await openChannel(server.port, others)
    const sockets = Array.from({ length: size }, (_, index) => ({ cookie: others[index % others.length].cookie, room }))
    const load = await connectAll({ ...server, speaks: 'atrium' }, sockets, folder)
    tell(`  ${name}`)
    subjects.push({ size, server, load, person, asks: asksOf(person) })
  }
  const rows = []
  for (const what of Object.keys(asksOf())) rows.push(await compareGrowth(what, subjects, options.rounds, tell))
  for (const { server, load } of subjects) {
    await load.stop()
    await server.stop()
  }
  return { id: 'P8', title, sizes: bounded, rows, atMost: 1.5 }
}

// P11: downloading a file, a small one by many and a large one by few, against Fastify with Node's stream of the file.
import { inTurn } from '../harness/rounds.mjs'
import { sizes, startAtriumWithFiles, startBareFiles } from '../subjects/files.mjs'
import { measure } from './measure.mjs'

const connections = { small: 32, large: 4 }
const filesCount = { small: 16, large: 1 }
const what = { small: 'a file of 64 KiB', large: 'a file of 64 MiB' }
const mebibyte = 1024 * 1024

export async function files({ builds, folder, load, options, profile, tell }) {
  const names = Object.keys(sizes).flatMap((kind) =>
    Array.from({ length: filesCount[kind] }, (_, index) => ({ name: `${kind}-${index}`, size: sizes[kind] })),
  )
  const subjects = []
  for (const build of builds) subjects.push(await startAtriumWithFiles({ ...build, folder, profile }, names))
  const reference = await startBareFiles(folder, names)
  subjects.push(reference)
  const conclusions = []
  for (const kind of Object.keys(sizes))
    conclusions.push(await downloads(kind, subjects, reference.name, load, options, tell))
  for (const subject of subjects) await subject.stop()
  return conclusions
}

async function downloads(kind, subjects, reference, load, options, tell) {
  const job = { script: 'readFile', connections: connections[kind], ...options.times }
  const measured = subjects.map(({ name, pid, port, files }) => ({
    name,
    measure: async () => {
      const people = files.filter(({ size }) => size === sizes[kind])
      const result = await measure(name, [pid], load, { ...job, port, people })
      return { ...result, perCpuSecond: sizes[kind] / mebibyte / (result.microsecondsEach / 1e6) }
    },
  }))
  return {
    id: 'P11',
    title: `downloading ${what[kind]}, ${connections[kind]} connections`,
    results: await inTurn(measured, { ...options, tell, of: 'perCpuSecond', unit: ' MiB per processor second' }),
    columns: {
      perCpuSecond: 'MiB per processor second, median (min–max)',
      rate: 'per second',
      p50: 'p50 ms',
      p99: 'p99 ms',
      microsecondsEach: 'CPU µs each',
    },
    references: [reference],
    target: { reference, of: 'perCpuSecond', atLeast: 0.9 },
  }
}

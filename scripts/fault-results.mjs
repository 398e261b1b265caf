// Makes docs/reliability.md from what the fault tests measured: `node scripts/fault-results.mjs results.jsonl`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Row of the matrix, what is done, what is promised, and which figures show it. */
const rows = [
  [
    'F1',
    '`kill -9` of the server, again and again',
    'back in step ≤ 10 s',
    ['kills', 'acknowledged', 'slowest_ready_ms', 'slowest_caught_up_ms'],
  ],
  [
    'F2',
    '`kill -9` of one instance behind nginx',
    'its clients are elsewhere ≤ 10 s',
    ['kills', 'moved_ms', 'caught_up_ms', 'failed'],
  ],
  [
    'F3',
    'all instances restarted in turn under load',
    'no request fails, exit 0 ≤ 15 s',
    ['restarts', 'bad_exits', 'exit_ms', 'failed'],
  ],
  ['F4', '`SIGSTOP` of an instance, then `SIGCONT`', 'nothing is done twice', ['held_s', 'caught_up_ms']],
  [
    'F5',
    '`kill -9` of Redis, which comes back empty',
    'revoked refused ≤ 5 s, pushes ≤ 5 s late, together again ≤ 10 s',
    ['lasted_s', 'refused_ms', 'closed_ms', 'push_gap_ms', 'together_again_ms', 'failed'],
  ],
  [
    'F6 hangs',
    'Redis hangs',
    'requests p99 ≤ 1 s, revoked refused ≤ 5 s',
    ['lasted_s', 'p99_ms', 'refused_ms', 'push_gap_ms', 'failed'],
  ],
  ['F6 slow', 'Redis answers after 2 s', 'the same', ['lasted_s', 'p99_ms', 'refused_ms', 'push_gap_ms', 'failed']],
  [
    'F7 full',
    'Redis has no memory left',
    'the same',
    ['lasted_s', 'p99_ms', 'refused_ms', 'push_gap_ms', 'log_lines_per_node', 'failed'],
  ],
  [
    'F7 read-only',
    'Redis is a read-only replica',
    'the same',
    ['lasted_s', 'p99_ms', 'refused_ms', 'push_gap_ms', 'log_lines_per_node', 'failed'],
  ],
  [
    'F8 SIGQUIT',
    'the database stops at once and comes back',
    '503 ≤ 3 s, serving ≤ 5 s after',
    ['lasted_s', 'slowest_refusal_ms', 'serving_again_ms', 'caught_up_ms'],
  ],
  [
    'F8 SIGINT',
    'the database stops in good order',
    'the same',
    ['lasted_s', 'slowest_refusal_ms', 'serving_again_ms', 'caught_up_ms'],
  ],
  [
    'F8 SIGKILL',
    '`kill -9` of the database',
    'the same',
    ['lasted_s', 'slowest_refusal_ms', 'serving_again_ms', 'caught_up_ms'],
  ],
  [
    'F10 slow',
    'each answer of the database half a second late',
    'back to normal ≤ 5 s after',
    ['lasted_s', 'p99_ms', 'refused', 'serving_again_ms'],
  ],
  ['F10 stall', 'the database stalls', 'the same', ['lasted_s', 'p99_ms', 'refused', 'serving_again_ms']],
  [
    'F10 lock',
    'a row that many need is locked',
    'others p99 ≤ 2 s',
    ['lasted_s', 'p99_ms', 'refused', 'serving_again_ms'],
  ],
  ['F12', '50 writers on one row', '≥ 99 % at the first try', ['writers', 'asked', 'first_try_percent']],
  ['F15', 'one message 50 times at once', 'one row, equal answers', ['rounds', 'sends_per_round']],
  ['F16', 'answers are lost on the way', 'one row', ['cuts', 'repeats']],
  ['F17', 'reading while others commit', 'nothing is skipped', ['sent', 'polls']],
  [
    'F18',
    'all sockets come back at once',
    'all back ≤ 30 s, sign-in p95 ≤ 2 s, < 700 MB',
    ['sockets', 'back_ms', 'login_p95_ms', 'resident_mb'],
  ],
  ['F19', 'a socket that never reads', 'memory bounded', []],
  ['F20', '100,000 messages behind', 'complete, first page ≤ 300 ms', ['messages', 'first_page_ms', 'all_ms']],
  [
    'F21',
    'clocks of the instances 45 s apart (tokens from over 60 s ahead are refused)',
    'order kept, revoked refused',
    ['refused_ms', 'closed_ms'],
  ],
  ['F22', 'the mail server is away', 'all delivered ≤ 60 s after', ['mails', 'dead', 'delivered_ms']],
  ['F23', 'killed between sending a mail and marking it', '≤ 1 copy for each kill', ['kills', 'mails', 'copies']],
  [
    'F25',
    'the network to the database drops everything',
    '503 ≤ 5 s, serving ≤ 5 s after',
    ['lasted_s', 'slowest_refusal_ms', 'serving_again_ms', 'caught_up_ms'],
  ],
  [
    'F26',
    'one instance does not reach Redis',
    'revoked refused ≤ 5 s, pushes ≤ 5 s late',
    ['lasted_s', 'refused_ms', 'closed_ms', 'push_gap_ms', 'failed'],
  ],
  ['F27', 'a client vanishes without a word', 'freed ≤ 45 s, presence corrected', ['offline_ms']],
]
const engines = { sqlite: 'SQLite', postgres: 'PostgreSQL + Redis', mariadb: 'MariaDB + Redis' }
/** One file has one server, and there is no network between them. */
const notOfSqlite = /^(F2$|F5|F6|F7|F8|F10|F12|F21|F25|F26)/

const introduction = `# Reliability

What happens to acknowledged messages, sessions and people when parts fail, as measured by the fault tests of this
repository. Every run of every row has the same condition: **nothing that was acknowledged is lost, nothing is there
twice, every reader has the same messages in the same order, and no ended session is accepted again.** The table says
what was promised besides, and what was measured. Times are in milliseconds (\`_ms\`) or seconds (\`_s\`) and are the
slowest of the run.

\`npm run test:faults\` runs a short part of it, as \`npm test\` does. \`npm run test:faults -- --full\` runs all of it and
writes this page. How it is built is told in [Testing](guide/testing.md#faults).
`

const cell = (result, names) => {
  const shown = names.filter((name) => result.figures[name] !== undefined)
  const text = shown
    .map((name) => `${name.replaceAll('_', ' ')} ${Math.round(result.figures[name] ?? Number.NaN)}`)
    .join(', ')
  return `${result.held ? '' : '**missed**: '}${text}${result.full ? '' : ' (short run)'}`
}

/** `file` has one result a line; the last of a row and a database counts. */
export function writeFaultResults(file, page) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : []
  const results = new Map(lines.map((line) => JSON.parse(line)).map((each) => [`${each.row} ${each.engine}`, each]))
  const table = rows.map(([row, what, target, names]) => {
    const cells = Object.keys(engines).map((engine) => {
      const result = results.get(`${row} ${engine}`)
      if (result) return cell(result, names)
      if (engine === 'sqlite' && notOfSqlite.test(row)) return 'does not apply'
      if ((row === 'F8 SIGKILL') !== (engine === 'mariadb') && row.startsWith('F8')) return 'does not apply'
      return 'not run'
    })
    return `| ${[row, what, target, ...cells].join(' | ')} |`
  })
  const head = `| Row | What is done | Promised | ${Object.values(engines).join(' | ')} |\n| ${Array(6).fill('---').join(' | ')} |`
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync(
    page,
    `${introduction}\nMeasured on ${day} on a machine of two cores, which the clients, the databases, Redis, nginx and the servers share.\n\n${head}\n${table.join('\n')}\n`,
  )
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  writeFaultResults(process.argv[2], join(dirname(import.meta.dirname), 'docs/reliability.md'))
}

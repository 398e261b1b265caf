// Makes docs/reliability.md from what the fault tests measured: `node scripts/fault-results.mjs results.jsonl`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const withoutRedis = [
  ...['lasted_s', 'asked', 'failed', 'p99_before_ms', 'p99_ms', 'lag_before_ms', 'loop_lag_ms'],
  ...['refused_ms', 'closed_ms', 'push_gap_ms'],
]
const noisy = [...withoutRedis, 'log_lines_per_node']
const database = ['lasted_s', 'asked', 'refused', 'slowest_refusal_ms', 'serving_again_ms', 'caught_up_ms']
const slowDatabase = ['lasted_s', 'asked', 'refused', 'slowest_ms', 'others_p99_ms', 'serving_again_ms', 'queue_most']
const disk = ['lasted_s', 'reads', 'failed_reads', 'reads_p99_ms', 'healed_ms']
const clocks = ['refused_ms', 'closed_ms', 'failed', 'codes_taken_twice']

/** Row of the matrix, what is done, what is promised, and which figures show it. */
const rows = [
  [
    'F1',
    '`kill -9` of the server, again and again',
    'ready ≤ 3 s (SQLite) or 5 s, back in step ≤ 10 s, the file is sound',
    ['kills', 'acknowledged', 'slowest_ready_ms', 'slowest_caught_up_ms'],
  ],
  [
    'F2',
    '`kill -9` of one instance behind nginx',
    'its clients are elsewhere ≤ 10 s',
    ['kills', 'moved_ms', 'caught_up_ms', 'asked', 'failed'],
  ],
  [
    'F3',
    'all instances restarted in turn under load',
    'no request fails where another instance is, exit 0 ≤ 15 s',
    ['restarts', 'bad_exits', 'exit_ms', 'asked', 'failed'],
  ],
  [
    'F4',
    '`SIGSTOP` of an instance for longer than a lease, then `SIGCONT`',
    'nothing is done twice but for the mail that was on its way (≤ 1)',
    ['held_s', 'mails', 'mails_twice', 'caught_up_ms'],
  ],
  [
    'F5',
    '`kill -9` of Redis, which comes back empty',
    'failed ≤ 0.1 %, revoked refused ≤ 5 s, pushes ≤ 5 s late, together again ≤ 10 s',
    [...withoutRedis, 'together_again_ms'],
  ],
  [
    'F5 limits',
    '`kill -9` of Redis in the middle of a limit',
    'nobody gets more than twice as much',
    ['limit', 'taken_before', 'taken_after'],
  ],
  ['F6 hangs', 'Redis hangs', 'as F5, p99 ≤ 1 s, loop lag p99 < 100 ms', withoutRedis],
  ['F6 slow', 'Redis answers after 2 s', 'the same', withoutRedis],
  ['F7 full', 'Redis has no memory left', 'the same, one line of log a minute', noisy],
  ['F7 read-only', 'Redis is a read-only replica', 'the same', noisy],
  ['F7 password', 'Redis has another password', 'the same', noisy],
  ['F7 loading', 'Redis loads its data and answers LOADING', 'the same', noisy],
  ['F8 SIGQUIT', 'the database stops at once and comes back', '503 ≤ 3 s, serving ≤ 5 s after', database],
  ['F8 SIGINT', 'the database stops in good order', 'the same', database],
  ['F8 SIGKILL', '`kill -9` of the database', 'the same', database],
  [
    'F9',
    '`kill -9` of the database server that is written to: a primary, whose synchronous standby is promoted; a node of a Galera cluster of three',
    'written to again ≤ 10 s, reads refused at most, the old primary is not gone back to',
    ['writes_again_ms', 'caught_up_ms', 'asked', 'refused', 'other_errors', 'slowest_ms'],
  ],
  [
    'F10 slow',
    'each answer of the database half a second late',
    'an answer ≤ 15 s, others p99 ≤ 2 s, back to normal ≤ 5 s after, ≤ 20 wait for the 10 connections of an instance',
    slowDatabase,
  ],
  ['F10 stall', 'the database stalls', 'the same', slowDatabase],
  ['F10 lock', 'a row that many need is locked', 'the same', slowDatabase],
  ['F11', 'all connections of the database are taken', '503 ≤ 5 s each, serving ≤ 5 s after', database],
  ['F12', '50 writers on one row', '≥ 99 % at the first try', ['writers', 'asked', 'first_try_percent']],
  [
    'F13 database',
    'the disk of the database is full, and has room again',
    '507 for what is written, reads go on, well again ≤ 10 s, the file is sound',
    [...disk, 'refused', 'caught_up_ms'],
  ],
  [
    'F13 uploads',
    'the disk of the files is full, and has room again',
    '507 for new ones, none is lost or half, well again ≤ 10 s',
    [...disk, 'files', 'files_refused', 'files_lost', 'dangling_rows', 'cleaned_ms'],
  ],
  ['F13 log', 'the disk of the log is full, and has room again', 'nobody notices, it goes on ≤ 10 s', disk],
  [
    'F14',
    '256 open files and 256 MB of heap: 600 connections, then 60 who say a megabyte at a time',
    'who is too many is closed ≤ 3 s, who is there keeps the connection and is served; what is too much is refused with 503; the process lives',
    [
      ...['crowd', 'turned_away', 'turned_away_ms', 'new_served_ms', 'dropped', 'asked', 'failed'],
      ...['bodies', 'refused', 'unanswered', 'broken', 'most_mb', 'held_heap_mb'],
    ],
  ],
  ['F15', 'one message 50 times at once', 'one row, equal answers', ['rounds', 'sends_per_round']],
  ['F16', 'answers are lost on the way', 'one row', ['cuts', 'repeats']],
  ['F17', 'reading while others commit', 'nothing is skipped', ['sent', 'polls']],
  [
    'F18',
    'all sockets come back at once',
    'all back ≤ 30 s, sign-in p95 ≤ 2 s and < 1 % fail, < 700 MB',
    ['sockets', 'back_ms', 'logins', 'login_p95_ms', 'logins_failed', 'resident_mb'],
  ],
  [
    'F19',
    'sockets that never read, and 10 minutes of pushes',
    'let go, memory grows < 50 MB, the others notice nothing, all is there later',
    ['pushes', 'slow', 'all_let_go_ms', 'grown_mb', 'push_p99_before_ms', 'push_p99_ms'],
  ],
  [
    'F20',
    '100,000 messages behind',
    'complete and in order, first page ≤ 300 ms, loop lag p99 < 100 ms',
    ['messages', 'first_page_ms', 'slowest_page_ms', 'all_ms', 'loop_lag_ms'],
  ],
  ['F21 90 s', 'the clock of one instance 90 s ahead', 'order kept, revoked refused ≤ 1 s, said in /ready', clocks],
  ['F21 +2 h', 'the clock of one instance 2 h ahead', 'the same, used codes stay used', clocks],
  ['F21 -2 h', 'the clock of one instance 2 h behind', 'the same', clocks],
  ['F21 jumps', 'the clock of one instance jumps ahead and back', 'the same', clocks],
  ['F22', 'the mail server is away', 'all delivered ≤ 60 s after', ['mails', 'dead', 'delivered_ms']],
  ['F23', 'killed between sending a mail and marking it', '≤ 1 copy for each kill', ['kills', 'mails', 'copies']],
  [
    'F24',
    'the bucket is away, refuses, resets, hangs, has another clock, gets other bytes',
    '503, no row without bytes, well again ≤ 15 s, swept ≤ 10 min',
    ['faults', 'files', 'files_refused', 'files_lost', 'dangling_rows', 'healed_ms', 'cleaned_ms'],
  ],
  ['F25', 'the network to the database drops everything', '503 ≤ 5 s, serving ≤ 5 s after', database],
  ['F26', 'one instance does not reach Redis', 'revoked refused ≤ 5 s, pushes ≤ 5 s late', withoutRedis],
  ['F27', 'a client vanishes without a word', 'freed ≤ 45 s, presence corrected', ['offline_ms']],
  [
    'F28',
    'a provider of sign-ins hangs, dies, changes its keys, and its keys cannot be fetched',
    'passwords work as ever, keys that are known are used, 503 with Retry-After for that provider alone, p99 of others as before',
    [
      ...['lasted_s', 'with_kept_keys', 'refused', 'slowest_refusal_ms', 'again_ms', 'rotated_ms', 'asked_again_ms'],
      ...[
        'sign_ins',
        'sign_ins_failed',
        'sign_in_before_ms',
        'sign_in_ms',
        'asked',
        'failed',
        'p99_before_ms',
        'p99_ms',
      ],
    ],
  ],
  [
    'F29',
    'a handler, a command and a job throw or leave a promise alone, a job fails at every turn, mails cannot be written',
    'each is told once, the mails are dead letters, nobody else notices, the process lives',
    ['failures', 'alerts', 'error_lines', 'answered_otherwise', 'dead', 'sent', 'asked', 'failed'],
  ],
  [
    'F30',
    'two migrate at once and one of them is killed, at 20 places',
    'the schema equals a fresh one, no row is lost',
    ['points', 'kills', 'failed', 'rows_lost', 'equal'],
  ],
  [
    'F31',
    'a second server on one file; a read-only disk; a damaged file',
    'refused in one line, exit ≠ 0 ≤ 2 s (of the whole process, from its start)',
    ['starts', 'refused', 'lines', 'slowest_ms'],
  ],
  [
    'F32',
    'a backup while people talk, restored elsewhere',
    'all that was acknowledged before is in it, nobody fails meanwhile, sign-in works (200), revoked stays revoked (401)',
    ['backup_ms', 'restore_ms', 'messages', 'lost', 'strange', 'signed_in', 'revoked', 'asked', 'failed', 'p99_ms'],
  ],
  [
    'F33',
    'a million messages are there, and somebody reads one moment of the file for ten minutes',
    'log of writes < 200 MB, ≤ 64 MB after, p99 < 50 ms',
    ['lasted_s', 'messages', 'written', 'asked', 'failed', 'p99_ms', 'wal_mb', 'wal_after_mb'],
  ],
  [
    'F34',
    'people sign in, connect, send and leave, for half an hour',
    'memory grows < 1 % in ten minutes once it is warm, no handle is left, no error is logged',
    [
      ...['lasted_min', 'rounds', 'failed', 'complaints', 'handles_before', 'handles_after'],
      ...['warm_mb', 'end_mb', 'most_mb', 'growth_permille_10min', 'heap_mb', 'heap_permille_10min'],
    ],
  ],
  [
    'F35',
    'a million rows are over and are removed while people are served',
    'p99 < 200 ms, nobody fails',
    ['rows', 'took_ms', 'asked', 'failed', 'p99_ms', 'slowest_ms'],
  ],
]
const engines = { sqlite: 'SQLite', postgres: 'PostgreSQL + Redis', mariadb: 'MariaDB + Redis' }
const onlyOfSqlite = /^(F31|F33)$/
/** One file has one server, and there is no network between them. */
const notOfSqlite = /^(F2$|F5|F6|F7|F8|F9|F10|F11|F21|F25|F26)/

const introduction = `# Reliability

What happens to acknowledged messages, sessions and people when parts fail, as measured by the fault tests of this
repository. Every run of every row has the same condition: **nothing that was acknowledged is lost, nothing is there
twice, every reader has the same messages in the same order, and no ended session is accepted again.** The table says
what was promised besides, whether that held, and what was measured. Times are in milliseconds (\`_ms\`) or seconds
(\`_s\`) and are the slowest of the run, on a machine of two cores which the clients, the databases, Redis, nginx and
the servers share.

\`npm run test:faults\` runs a short part of it, as \`npm test\` does. \`npm run test:faults -- --full\` runs all of it and
writes this page; \`npm run test:faults -- --full -t 'F5 on mariadb'\` runs one row and writes that. How it is built is
told in [Testing](guide/testing.md#faults).

F9, F11, F28 to F32 and F34 were measured while the machine was busy with other work (a load of 8 to 16 on its two cores):
their times are longer than those of a quiet one.

F34 was missed at first, and no leak was found. What a process holds besides its heap goes up and down: a password that is
being hashed in the moment of the look (64 MB, given back when it is done); what V8 has ready for young objects (4 to 28 MB);
what SQLite keeps of the file (up to 16 MB for each of two connections). Two things were changed: Node read the map of our
sources at the first error with a trace (45 MB, while nobody was served), which it does now only where
\`NODE_OPTIONS=--enable-source-maps\` asks for it; and states of sessions and ended windows of limits stayed until their lists
were full, and leave by themselves now. The row fills what SQLite keeps, looks while nobody is there and after a collection,
and tells the heap, the process and the most it ever held.
`

const head = `| Row | What is done | Promised | ${Object.values(engines).join(' | ')} |\n| ${Array(6).fill('---').join(' | ')} |`

/** What is said of a row that was run. */
function cell({ held, figures }, names) {
  const shown = names.filter((name) => figures[name] !== undefined)
  // JSON has no infinity: what never came is null there.
  const text = shown.map((name) => `${name} ${figures[name] === null ? 'never' : Math.round(figures[name])}`)
  return `${held ? 'held' : '**missed**'}${text.length > 0 ? `: ${text.join(', ')}` : ''}`
}

/** What is said of a row that has never been run. */
function unknown(row, engine) {
  if (engine === 'sqlite' && notOfSqlite.test(row)) return 'does not apply'
  if (engine !== 'sqlite' && onlyOfSqlite.test(row)) return 'does not apply'
  if (row.startsWith('F8') && (row === 'F8 SIGKILL') !== (engine === 'mariadb')) return 'does not apply'
  return 'not run'
}

/** The cells of a page, by row and engine. */
function cellsOf(page) {
  const lines = page.split('\n').filter((line) => /^\| F\d/.test(line))
  return new Map(
    lines.flatMap((line) => {
      const [row, , , ...cells] = line.slice(2, -2).split(' | ')
      return Object.keys(engines).map((engine, index) => [`${row} ${engine}`, cells[index]])
    }),
  )
}

/** The page with the cells of these rows new and all others as they were; the last result of a row counts. */
export function pageOf(before, results) {
  const latest = new Map(results.map((each) => [`${each.row} ${each.engine}`, each]))
  const known = cellsOf(before)
  const table = rows.map(([row, what, target, names]) => {
    const cells = Object.keys(engines).map((engine) => {
      const result = latest.get(`${row} ${engine}`)
      if (result) return cell(result, names)
      const old = known.get(`${row} ${engine}`)
      return old && /^(held|\*\*missed)/.test(old) ? old : unknown(row, engine)
    })
    return `| ${[row, what, target, ...cells].join(' | ')} |`
  })
  const strange = [...latest.values()].filter((each) => !rows.some(([row]) => row === each.row))
  if (strange.length > 0) throw new Error(`No row of the page: ${strange.map(({ row }) => row).join(', ')}`)
  return `${introduction}\n${head}\n${table.join('\n')}\n`
}

/** `file` has one result a line. */
export function writeFaultResults(file, page) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : []
  const before = existsSync(page) ? readFileSync(page, 'utf8') : ''
  writeFileSync(
    page,
    pageOf(
      before,
      lines.map((line) => JSON.parse(line)),
    ),
  )
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  writeFaultResults(process.argv[2] ?? '', join(dirname(import.meta.dirname), 'docs/reliability.md'))
}

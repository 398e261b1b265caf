import { appWithTables, byEngine, expose, runInTables } from './sample-tables.ts'
import type { TestApp, Visitor } from './test-app.ts'

const bool = byEngine({ sqlite: 'boolean', postgres: 'boolean', mariadb: 'boolean' })
const [yes, no] = byEngine({ sqlite: ['1', '0'], postgres: ['true', 'false'], mariadb: ['1', '0'] })

const noteSchema = [
  'create table writers (id integer not null primary key, name varchar(50) not null, salary integer, password_hash varchar(50))',
  `create table notes (
    id integer not null primary key, title varchar(100) not null, body varchar(200), secret varchar(100), score integer,
    owner_id varchar(36), published ${bool} not null default ${no}, writer_id integer, created_at varchar(40),
    foreign key (writer_id) references writers (id))`,
  'create table vault (id integer not null primary key, note_id integer, code varchar(50), foreign key (note_id) references notes (id))',
]

export const rules = {
  owner_column: 'owner_id',
  rules: {
    user: {
      actions: ['list', 'get', 'create', 'update'],
      rows: { or: [{ published: true }, { owner_id: '$me' }] },
      fields: {
        read: ['id', 'title', 'body', 'published', 'writer_id', 'owner_id'],
        write: ['id', 'title', 'body', 'published'],
      },
      presets: { created_at: '$now' },
    },
    guest: { actions: ['list'], rows: { published: true }, fields: { read: ['id', 'title'] } },
    moderator: { actions: ['list', 'get', 'delete'], fields: { read: ['id', 'secret'] } },
  },
}

interface Setting {
  app: TestApp
  root: Visitor
  ann: Visitor
  ben: Visitor
}

/** Notes of ann and ben behind rules, their writers, and a vault nobody else may see. */
export async function notesApp(variables: Record<string, string> = {}): Promise<Setting> {
  const app = await appWithTables(noteSchema, variables)
  const root = await app.holderOf(['admin'])
  const ann = await app.person('ann')
  const ben = await app.person('ben')
  await expose(root, 'notes', rules)
  await expose(root, 'writers', { rules: { user: { actions: ['list', 'get'], fields: { read: ['id', 'name'] } } } })
  await expose(root, 'vault')
  return { app, root, ann, ben }
}

export async function fillNotes({ app, ann, ben }: Setting): Promise<void> {
  await runInTables(app, [
    'delete from vault',
    'delete from notes',
    'delete from writers',
    `insert into writers values (1, 'Wren', 9000, 'hash-a'), (2, 'Ada', 100, 'hash-b')`,
    `insert into notes (id, title, body, secret, score, owner_id, published, writer_id) values
      (1, 'public', 'a', 's3', 10, '${ben.userId}', ${yes}, 1), (2, 'of ann', 'b', 's1', 30, '${ann.userId}', ${no}, 2),
      (3, 'of ben', 'c', 's2', 20, '${ben.userId}', ${no}, 2)`,
    `insert into vault values (1, 1, 'x'), (2, 2, 'y')`,
  ])
}

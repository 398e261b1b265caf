import { type Static, Type } from 'typebox'
import { Id, nullable, Time } from '../../platform/http/schemas.ts'

const Progress = Type.Object(
  { step: Type.String({ description: 'tables, files or checking' }), done: Type.Integer(), total: Type.Integer() },
  { title: 'BackupProgress' },
)

/** Everything of one moment, in a file of the machine that answers. */
export const Backup = Type.Object(
  {
    id: Id,
    created_at: Time,
    state: Type.Unsafe<'running' | 'checking' | 'ready'>(
      Type.Union(['running', 'checking', 'ready'].map((state) => Type.Literal(state))),
    ),
    progress: Type.Union([Progress, Type.Null()]),
    size: Type.Integer({ description: 'Bytes of the file' }),
    rows: Type.Integer(),
    files: Type.Integer({ description: 'Uploaded files in it' }),
    version: Type.String({ description: 'Of Atrium' }),
    tables_elsewhere: Type.Boolean({ description: 'Whether a database of TABLES_URL is not in it' }),
    verified_at: nullable(Time),
    problem: nullable(Type.String({ description: 'What the last check found' })),
  },
  { title: 'Backup' },
)
export type Backup = Static<typeof Backup>

export const BackupList = Type.Object(
  {
    data: Type.Array(Backup),
    last_failure: nullable(Type.String({ description: 'Why the last one that was begun here came to nothing' })),
  },
  { title: 'BackupList' },
)
export type BackupList = Static<typeof BackupList>

export const BackupParams = Type.Object({ id: Id })

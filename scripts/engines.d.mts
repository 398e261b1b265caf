/** One engine for a test that does harm to it. */
export interface OwnEngine {
  url: string
  /** Where it keeps its data, in `data`. */
  folder: string
  /** Sends the server program a signal, STOP and CONT say. */
  signal(name: NodeJS.Signals): void
  /** Ends it, by SIGKILL unless said otherwise, and keeps its data. */
  crash(signal?: NodeJS.Signals): Promise<void>
  restart(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export function startEngine(name: 'postgres', options?: { postgis?: boolean }): Promise<OwnEngine>
export function startEngine(name: 'mariadb' | 'redis'): Promise<OwnEngine>
export function startEngine(name: 'nginx', options: { targets: readonly string[]; port?: number }): Promise<OwnEngine>

/** One of several that are stopped together. */
export interface GroupMember extends Omit<OwnEngine, 'stop'> {
  /** Of a PostgreSQL that follows another one. */
  promote(): Promise<unknown>
}

export interface EngineGroup {
  members: GroupMember[]
  stop(): Promise<void>
}

export function startGroup(name: 'galera' | 'postgres'): Promise<EngineGroup>

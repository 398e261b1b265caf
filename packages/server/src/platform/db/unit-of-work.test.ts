import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SqliteDatabase from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, silent, type TestHandle, testEngine } from '../../../test/databases.ts'
import { startTcpProxy } from '../../../test/tcp-proxy.ts'
import { openDatabase } from './database.ts'
import { parseDatabaseUrl } from './database-url.ts'
import type { Database, Db } from './schema.ts'
import { createUnitOfWork, type UnitOfWork } from './unit-of-work.ts'

let test: TestHandle

beforeAll(async () => {
  test = await openTestDatabase({ poolSize: 4 })
})
afterAll(() => test.drop())

const put = (db: Db, name: string, value: string) => db.insertInto('installation').values({ name, value }).execute()

async function findValue(name: string): Promise<string | undefined> {
  const query = test.handle.db.selectFrom('installation').select('value').where('name', '=', name)
  return (await query.executeTakeFirst())?.value
}

describe('a unit of work', () => {
  it('keeps everything, and then runs its effects in order', async () => {
    const told: string[] = []
    const answer = await test.handle.unitOfWork(async (uow) => {
      uow.afterCommit(() => told.push('first'))
      await put(uow.tx, 'kept', '1')
      uow.afterCommit(() => told.push('second'))
      expect(told).toEqual([])
      return 42
    })
    expect(answer).toBe(42)
    expect(told).toEqual(['first', 'second'])
    expect(await findValue('kept')).toBe('1')
  })

  it('keeps nothing and runs no effect when it throws', async () => {
    const told: string[] = []
    const work = test.handle.unitOfWork(async (uow) => {
      uow.afterCommit(() => told.push('told'))
      await put(uow.tx, 'taken_back', '1')
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(told).toEqual([])
    expect(await findValue('taken_back')).toBeUndefined()
  })

  it('does not turn a failing effect into a failure of what is committed', async () => {
    const told: string[] = []
    await test.handle.unitOfWork(async (uow) => {
      uow.afterCommit(() => {
        throw new Error('listener')
      })
      uow.afterCommit((async () => {
        throw new Error('later')
      }) as () => void)
      uow.afterCommit(() => told.push('still told'))
      await put(uow.tx, 'effect', '1')
    })
    expect(told).toEqual(['still told'])
  })

  it('cannot go on after a failed statement, on any engine', async () => {
    const work = test.handle.unitOfWork(async ({ tx }) => {
      await put(tx, 'twice', '1')
      await put(tx, 'twice', '2').catch(() => {})
      await put(tx, 'after', '1').catch(() => {})
    })
    await expect(work).rejects.toThrow('A statement of this transaction failed')
    expect(await findValue('twice')).toBeUndefined()
    expect(await findValue('after')).toBeUndefined()
  })
})

describe('inside a unit of work', () => {
  it('the other connection throws and says why', async () => {
    const work = test.handle.unitOfWork(() => test.handle.db.selectFrom('users').select('id').execute())
    await expect(work).rejects.toThrow('only `uow.tx` sees the open transaction')
  })

  it('another unit of work throws too', async () => {
    const work = test.handle.unitOfWork(() => test.handle.unitOfWork(async () => {}))
    await expect(work).rejects.toThrow('inside another one')
  })

  it('is over for effects, and for what was left running', async () => {
    const inEffect = Promise.withResolvers<unknown>()
    let leftRunning: Promise<unknown> | undefined
    await test.handle.unitOfWork(async (uow) => {
      leftRunning = sleep(30).then(() => test.handle.db.selectFrom('users').select('id').execute())
      uow.afterCommit(() => inEffect.resolve(test.handle.db.selectFrom('users').select('id').execute()))
    })
    expect(await inEffect.promise).toEqual([])
    expect(await leftRunning).toEqual([])
  })

  it('what comes too late does not run on its own', async () => {
    let late: Promise<unknown> | undefined
    let handle: UnitOfWork | undefined
    await test.handle.unitOfWork(async (uow) => {
      handle = uow
      late = sleep(30).then(() => put(uow.tx, 'late', '1'))
    })
    await expect(late).rejects.toThrow()
    await expect(put((handle as UnitOfWork).tx, 'late', '1')).rejects.toThrow()
    expect(await findValue('late')).toBeUndefined()
  })

  it.runIf(testEngine === 'sqlite')('nobody else writes, from its first moment on', async () => {
    const other = new SqliteDatabase(join(test.dataDir, 'atrium.db'), { timeout: 0 })
    const write = () => other.exec('begin immediate; rollback')
    await test.handle.unitOfWork(async () => expect(write).toThrow('locked'))
    write()
    other.close()
  })
})

describe('outside a unit of work', () => {
  it('there are no transactions', async () => {
    const work = test.handle.db.transaction().execute((tx) => put(tx, 'outside', '1'))
    await expect(work).rejects.toThrow('use `unitOfWork`')
  })

  it.runIf(testEngine === 'sqlite')('nothing is written', async () => {
    await expect(put(test.handle.db, 'outside', '1')).rejects.toThrow('readonly')
  })
})

describe('repeating', () => {
  it('repeats the whole unit, with new effects, until it succeeds', async () => {
    const told: number[] = []
    let attempts = 0
    const run = unitOfWork({ isRetryable: () => true })
    await run(async (uow) => {
      attempts++
      const attempt = attempts
      uow.afterCommit(() => told.push(attempt))
      await put(uow.tx, 'repeated', String(attempt))
      if (attempt < 3) throw new Error('deadlock')
    })
    expect(told).toEqual([3])
    expect(await findValue('repeated')).toBe('3')
  })

  it('gives up after five attempts with 503', async () => {
    let attempts = 0
    const work = unitOfWork({ isRetryable: () => true })(async () => {
      attempts++
      throw new Error('deadlock')
    })
    await expect(work).rejects.toMatchObject({ code: 'busy', status: 503 })
    expect(attempts).toBe(5)
  })

  it.skipIf(testEngine === 'sqlite')('resolves a real deadlock', async () => {
    await test.handle.unitOfWork(async ({ tx }) => {
      for (const name of ['left', 'right']) await put(tx, name, '0')
    })
    let attempts = 0
    const both = Promise.withResolvers<void>()
    let waiting = 0
    const add = ({ tx }: UnitOfWork, name: string) =>
      tx.updateTable('installation').set({ value: sql`concat(value, '+')` }).where('name', '=', name).execute()
    const cross = (first: string, second: string) =>
      test.handle.unitOfWork(async (uow) => {
        attempts++
        await add(uow, first)
        waiting++
        if (waiting === 2) both.resolve()
        await both.promise
        await add(uow, second)
      })
    await Promise.all([cross('left', 'right'), cross('right', 'left')])
    expect(attempts).toBeGreaterThan(2)
    expect([await findValue('left'), await findValue('right')]).toEqual(['0++', '0++'])
  })

  function unitOfWork(differences: object, lifeLimitMs?: number) {
    const { dialect, unitOfWork: real } = test.handle
    const writer = {
      transaction: () => ({ execute: (work: (tx: Db) => unknown) => real((uow) => work(uow.tx) as never) }),
    }
    return createUnitOfWork({
      writer: writer as unknown as Kysely<Database>,
      dialect: { ...dialect, ...differences },
      log: silent,
      ...(lifeLimitMs !== undefined && { lifeLimitMs }),
    })
  }

  it('ends what takes too long, and nothing of it stays', async () => {
    let late: Promise<unknown> | undefined
    const work = unitOfWork(
      { isRetryable: () => false },
      50,
    )(async ({ tx }) => {
      await put(tx, 'slow', '1')
      late = sleep(100).then(() => put(tx, 'slow', '2'))
      await late
    })
    await expect(work).rejects.toMatchObject({ code: 'busy' })
    await expect(late).rejects.toThrow()
    expect(await findValue('slow')).toBeUndefined()
  })
})

describe('an engine in trouble', () => {
  it('is reported as unavailable when no connection becomes free', async () => {
    const handle = await openDatabase(parseDatabaseUrl(test.url, test.dataDir), { log: silent, poolSize: 1 })
    const end = Promise.withResolvers<void>()
    const holding = handle.unitOfWork(() => end.promise)
    const started = performance.now()
    const error = await handle.unitOfWork(async () => {}).catch((reason: unknown) => reason)
    expect(handle.dialect.isUnavailable(error)).toBe(true)
    expect(performance.now() - started).toBeLessThan(2900)
    end.resolve()
    await holding
    await handle.unitOfWork(({ tx }) => put(tx, 'after_waiting', '1'))
    await handle.close()
  })

  it.skipIf(testEngine === 'sqlite')('never reports a commit that it did not hear of as success', async () => {
    const { handle } = test
    const told: string[] = []
    const ready = Promise.withResolvers<number>()
    const killed = Promise.withResolvers<void>()
    const work = handle.unitOfWork(async (uow) => {
      await put(uow.tx, 'in_doubt', '1')
      uow.afterCommit(() => told.push('told'))
      ready.resolve(await connectionId(uow.tx))
      await killed.promise
    })
    await kill(await ready.promise)
    killed.resolve()
    const error = await work.catch((reason: unknown) => reason)
    expect(handle.dialect.isUnavailable(error)).toBe(true)
    expect(told).toEqual([])
    expect(await findValue('in_doubt')).toBeUndefined()
    await handle.unitOfWork(({ tx }) => put(tx, 'next', '1'))
    await handle.ping()
  })

  it.skipIf(testEngine === 'sqlite')('leaves open what became of a commit whose answer is lost', async () => {
    const proxy = await startTcpProxy(test.url)
    const handle = await openDatabase(parseDatabaseUrl(proxy.url, test.dataDir), { log: silent, poolSize: 1 })
    const told: string[] = []
    const work = handle.unitOfWork(async (uow) => {
      await put(uow.tx, 'lost_answer', '1')
      uow.afterCommit(() => told.push('told'))
      proxy.loseAnswers()
      setTimeout(proxy.cut, 200)
    })
    const error = await work.catch((reason: unknown) => reason)
    expect(handle.dialect.isUnavailable(error)).toBe(true)
    expect(told).toEqual([])
    expect(await findValue('lost_answer')).toBe('1')

    proxy.cut()
    await sleep(50)
    await handle.ping()
    await handle.close()
    await proxy.close()
  })

  async function connectionId(tx: Db): Promise<number> {
    const call = testEngine === 'postgres' ? sql`pg_backend_pid()` : sql`connection_id()`
    const { rows } = await sql<{ id: number }>`select ${call} as id`.execute(tx)
    return rows[0]?.id as number
  }

  async function kill(id: number): Promise<void> {
    const call = testEngine === 'postgres' ? sql`select pg_terminate_backend(${id})` : sql`kill ${sql.lit(id)}`
    await call.execute(test.handle.db)
  }
})

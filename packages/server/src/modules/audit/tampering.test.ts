import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropGuards, eventsOf, sealsOf, verifyChain, writeTo } from '../../../test/audit-chain.ts'
import { happened } from '../../../test/audited.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import type { AuditRow } from './audit.repository.ts'
import { linkHash, rowHash } from './sealing.ts'
import type { SealRow } from './seals.repository.ts'

describe('W08: whatever is changed below us is named', () => {
  let own: TestApp
  let rows: AuditRow[]
  let chain: SealRow[]
  beforeAll(async () => {
    own = await createTestApp()
    await dropGuards(own)
    // From here on the database begins no seals by itself.
    for (let i = 0; i < 12; i++) {
      const id = newId()
      const about = {
        id,
        type: 'login_failed',
        userId: newId(),
        detail: { i },
        resource: { type: 'user', id: `r${i}` },
      } as const
      await happened(own, about, {
        client: { ip: `203.0.113.${i}`, userAgent: `agent ${i}` },
        method: 'POST',
        path: '/x',
        requestId: `r${i}`,
      })
      await writeTo(own, sql`insert into audit_seals (event_id) values (${id})`)
    }
    await own.services.auditChain.seal()
    rows = await eventsOf(own)
    chain = await sealsOf(own)
  })
  beforeEach(async () => {
    await own.database.unitOfWork(async ({ tx }) => {
      await tx.deleteFrom('audit_events').execute()
      await tx.insertInto('audit_events').values(rows).execute()
      await tx.deleteFrom('audit_seals').execute()
      await tx.insertInto('audit_seals').values(chain).execute()
    })
    expect((await verifyChain(own)).ok).toBe(true)
  })
  afterAll(() => own.drop())

  const at = (index: number) => ({ position: index + 1, event_id: chain[index]?.event_id })
  const row = (index: number) => rows.find(({ id }) => id === chain[index]?.event_id) as AuditRow

  const other = '2020-01-01T00:00:00.000Z'
  const flips: Partial<Record<keyof AuditRow, unknown>> = {
    ...{
      at: other,
      type: 'logout',
      category: 'data',
      outcome: 'denied',
      success: 1,
      source: 'cli',
      actor_id: newId(),
    },
    ...{ actor_kind: 'user', impersonator_id: newId(), user_id: newId(), session_id: newId(), ip: '203.0.113.99' },
    ...{ user_agent: 'another', method: 'GET', path: '/y', request_id: 'other', resource_type: 'file' },
    ...{ resource_id: 'z', detail: '{"i":1}', retention: 'admin', keep_until: other },
  }
  it.each(Object.keys(flips) as (keyof AuditRow)[])('a changed %s', async (column) => {
    const value = column === 'success' ? sql.lit(0) : sql`${flips[column]}`
    const changed = column === 'success' ? sql`success = 1 - success` : sql`${sql.ref(column)} = ${value}`
    await writeTo(own, sql`update audit_events set ${changed} where id = ${row(5).id}`)
    expect(await verifyChain(own)).toMatchObject({ ok: false, checked: 5, first_bad: { ...at(5), problem: 'changed' } })
  })

  it('a deleted event', async () => {
    await writeTo(own, sql`delete from audit_events where id = ${row(7).id}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ ...at(7), problem: 'deleted' })
  })

  it('a deleted event whose seal says that its time was over', async () => {
    await writeTo(own, sql`delete from audit_events where id = ${row(7).id}`)
    await writeTo(own, sql`update audit_seals set keep_until = ${other} where event_id = ${row(7).id}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ ...at(7), problem: 'seal' })
  })

  it('a deleted event with its seal', async () => {
    await writeTo(own, sql`delete from audit_events where id = ${row(7).id}`)
    await writeTo(own, sql`delete from audit_seals where event_id = ${row(7).id}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ position: 8, problem: 'missing' })
    await writeTo(own, sql`update audit_seals set position = position - 1 where position > 8`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ position: 8, event_id: at(8).event_id, problem: 'seal' })
  })

  it('two events that changed places', async () => {
    const [a, b] = [row(3), row(4)]
    await writeTo(own, sql`delete from audit_events where id in (${a.id}, ${b.id})`)
    await own.database.unitOfWork(({ tx }) =>
      tx
        .insertInto('audit_events')
        .values([
          { ...a, id: b.id },
          { ...b, id: a.id },
        ])
        .execute(),
    )
    expect((await verifyChain(own)).first_bad).toMatchObject({ ...at(3), problem: 'changed' })
  })

  it('two seals that changed places', async () => {
    await writeTo(own, sql`update audit_seals set position = 7 - position where position in (3, 4)`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ position: 3, event_id: at(3).event_id, problem: 'seal' })
  })

  it('the end, cut off', async () => {
    await writeTo(own, sql`delete from audit_events where id = ${row(11).id}`)
    await writeTo(own, sql`delete from audit_seals where position = 12`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ position: 12, problem: 'missing' })
    const head = await own.database.db.selectFrom('audit_chain').selectAll().executeTakeFirstOrThrow()
    await writeTo(own, sql`update audit_chain set position = 11, hash = ${chain[10]?.hash}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ position: 11, problem: 'signature' })
    await writeTo(own, sql`update audit_chain set position = 12, hash = ${head.hash}`)
  })

  it('a chain that was made anew from the changed event on', async () => {
    const before = await own.database.db.selectFrom('audit_chain').selectAll().executeTakeFirstOrThrow()
    const changed = { ...row(5), type: 'logout' }
    await writeTo(own, sql`update audit_events set type = 'logout' where id = ${changed.id}`)
    let hash = chain[4]?.hash as string
    for (const seal of chain.slice(5)) {
      const content = seal.event_id === changed.id ? changed : row(chain.indexOf(seal))
      const row_hash = rowHash(content, seal.origin_hash ?? '', seal.detail_hash ?? '')
      hash = linkHash(hash, { ...seal, row_hash })
      await writeTo(
        own,
        sql`update audit_seals set row_hash = ${row_hash}, hash = ${hash} where event_id = ${seal.event_id}`,
      )
    }
    await writeTo(own, sql`update audit_chain set hash = ${hash}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ position: 12, problem: 'signature' })
    expect((await verifyChain(own, `${before.position}:${before.hash}`)).first_bad?.problem).toBe('rewritten')
    await writeTo(own, sql`update audit_chain set hash = ${before.hash}`)
  })

  it('what was emptied without anybody having been erased', async () => {
    const { id } = row(6)
    await writeTo(own, sql`update audit_events set ip = null, user_agent = null where id = ${id}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ ...at(6), problem: 'changed' })
    await writeTo(own, sql`update audit_seals set origin_salt = null where event_id = ${id}`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ ...at(6), problem: 'changed' })
  })

  it('an event that was written around the chain', async () => {
    const id = newId()
    await own.database.unitOfWork(({ tx }) =>
      tx
        .insertInto('audit_events')
        .values({ ...row(0), id })
        .execute(),
    )
    expect((await verifyChain(own)).first_bad).toMatchObject({ event_id: id, problem: 'unsealed' })
  })

  it('an event that is gone before it was sealed', async () => {
    const id = newId()
    await writeTo(own, sql`insert into audit_seals (event_id) values (${id})`)
    expect((await verifyChain(own)).first_bad).toMatchObject({ event_id: id, problem: 'deleted' })
  })
})

import { AsyncLocalStorage } from 'node:async_hooks'

/** `isOpen` because what a unit of work leaves running, a timer say, keeps the context when the unit is long over. */
const current = new AsyncLocalStorage<{ isOpen: boolean }>()

export const isInUnitOfWork = (): boolean => current.getStore()?.isOpen ?? false

/** Throws inside a unit of work: another connection would wait for it, or would not see what it has written. */
export function assertOutsideUnitOfWork(): void {
  if (isInUnitOfWork()) {
    throw new Error(
      '`db` was used inside a unit of work, where only `uow.tx` sees the open transaction: pass `uow.tx` on.',
    )
  }
}

export async function runAsUnitOfWork<T>(work: () => Promise<T>): Promise<T> {
  const context = { isOpen: true }
  try {
    return await current.run(context, work)
  } finally {
    context.isOpen = false
  }
}

/** For what has a way of its own to the transaction that is open. */
export const outsideUnitOfWork = <T>(work: () => T): T => current.run({ isOpen: false }, work)

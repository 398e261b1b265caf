import { currentCall, type DecisionStep, runInContext } from './context.ts'

/** A query names many columns; what comes first is what decided. */
const mostSteps = 200

/** Said by whoever decides, where it decides, so that an explanation is the decision itself and not a second opinion. */
export function tellStep(
  kind: DecisionStep['kind'],
  rule: string,
  isAllowed: boolean,
  values: DecisionStep['values'] = {},
): void {
  const call = currentCall()
  if (!call) return
  call.steps ??= []
  if (call.steps.length < mostSteps) call.steps.push({ kind, rule, result: isAllowed ? 'allow' : 'deny', values })
}

/** For what is worked out in advance: it decides about no call. */
export const untold = <T>(work: () => T): T => runInContext({ source: 'job', actor: null }, work)

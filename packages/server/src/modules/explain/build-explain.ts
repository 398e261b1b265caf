import type { OnDenied } from '../../platform/policy.ts'
import type { DeniedAccess } from '../audit/index.ts'
import { Denials } from './denials.ts'
import { type ExplainDependencies, ExplainService } from './explain.service.ts'

interface ExplainFoundation extends Omit<ExplainDependencies, 'denials' | 'requireMfa'> {
  config: { sessions: Pick<ExplainDependencies, 'requireMfa'> }
  deniedAccess: DeniedAccess
}

export function buildExplain({ config, deniedAccess, ...deps }: ExplainFoundation) {
  const denials = new Denials(deps)
  const onDenied: OnDenied = (actor, error) => {
    denials.note(actor, error)
    deniedAccess.note(actor, error)
  }
  const { requireMfa } = config.sessions
  return { explaining: new ExplainService({ ...deps, denials, requireMfa }), onDenied }
}

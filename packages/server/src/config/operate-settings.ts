import { Type } from 'typebox'

/** For whoever runs it. */
export const operateSettings = {
  METRICS_TOKEN: Type.String({
    default: '',
    maxLength: 512,
    description:
      'Lets a monitor read /metrics and the details of the health, as Authorization: Bearer; at least 20 characters. Empty: /metrics is for this machine alone, the details for administrators.',
  }),
}

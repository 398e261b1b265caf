import { Type } from 'typebox'

/** For whoever runs it. */
export const operateSettings = {
  MODULES: Type.String({
    default: '',
    maxLength: 4096,
    description:
      'Comma list of modules of your own: files, or folders with an index.ts or index.js, seen from the folder of the start. The commands read it too.',
  }),
  METRICS_TOKEN: Type.String({
    default: '',
    maxLength: 512,
    description:
      'Lets a monitor read /metrics and the details of the health, as Authorization: Bearer; at least 20 characters. Empty: /metrics is for this machine alone, the details for administrators.',
  }),
  DOCTOR_PAGE: Type.Boolean({
    default: true,
    description:
      'Whether people can check their browser and the way to the server at /doctor, signed in or not, and send what was found to those who may see the health of the server.',
  }),
  ERROR_SINK_URL: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'Where errors that nobody foresaw are posted to as JSON, without what people typed: an https address of the internet. At most ten kinds a minute.',
  }),
}

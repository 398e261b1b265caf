import { Type } from 'typebox'

/** Where files lie, and how much of them there may be. */
export const fileSettings = {
  FILE_MAX_MB: Type.Integer({
    default: 1024,
    minimum: 1,
    maximum: 5_242_880,
    description: 'How large one file may be, in MiB.',
  }),
  FILE_QUOTA_MB: Type.Integer({
    default: 5120,
    minimum: 0,
    maximum: 1_073_741_824,
    description: 'What the files of one person may take together, in MiB; 0 sets no limit.',
  }),
}

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
  S3_BUCKET: Type.String({
    default: '',
    maxLength: 255,
    description: 'Keeps files in this bucket of anything that speaks S3. Empty: on the disk, in DATA_DIR.',
  }),
  S3_REGION: Type.String({ default: 'us-east-1', minLength: 1, maxLength: 64, description: 'Region of the bucket.' }),
  S3_ENDPOINT: Type.String({
    default: '',
    maxLength: 2048,
    description: 'Address of the service. Empty: Amazon S3 in S3_REGION.',
  }),
  AWS_ACCESS_KEY_ID: Type.String({
    default: '',
    maxLength: 255,
    description: 'Name of the key to the bucket. Empty: what the machine has been given by its host.',
  }),
  AWS_SECRET_ACCESS_KEY: Type.String({ default: '', maxLength: 1024, description: 'The key to the bucket.' }),
}

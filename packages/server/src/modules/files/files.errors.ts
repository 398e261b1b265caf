import { defineErrors } from '../../platform/errors.ts'

export const fileErrors = defineErrors({
  file_too_large: [
    'too_large',
    'The file is too large',
    'Send a smaller one; max_bytes says how large one file may be here.',
  ],
  quota_exceeded: [
    'too_large',
    'There is no room left for more of yours',
    'Delete some of what you keep here, or ask the operator for more room.',
  ],
  file_type_not_allowed: [
    'unsupported_media',
    'Files of this kind are not taken here',
    'Send one of the kinds the detail names. What counts is the content, not the name.',
  ],
  range_invalid: [
    'range',
    'This part of the file does not exist',
    'Ask for bytes below the size that Content-Range tells.',
  ],
  checksum_mismatch: [
    'checksum',
    'The bytes are not those that were announced',
    'Send them again: they were changed on the way, or the checksum is of something else.',
  ],
})

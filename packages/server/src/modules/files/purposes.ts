/** What files are uploaded for. A new one is a line here. */
export const purposes = {
  /** Somebody's own: stays until they delete it. */
  file: { lasting: true },
  /** For a message. */
  attachment: { lasting: false },
  /** The picture of a person. */
  avatar: { lasting: false },
  /** The picture of a conversation. */
  conversation_picture: { lasting: false },
} satisfies Record<
  string,
  { /** False: goes when nothing uses it, or within a day when nothing ever did. */ lasting: boolean }
>

export type Purpose = keyof typeof purposes

/** What people may say when they upload; the rest has an address of its own. */
export const uploadPurposes = ['file', 'attachment'] as const satisfies readonly Purpose[]

export const isLasting = (purpose: string): boolean =>
  !Object.hasOwn(purposes, purpose) || purposes[purpose as Purpose].lasting

/** How long something waits for its first use. */
export const unusedSeconds = 86_400

export type Visibility = 'private' | 'public'

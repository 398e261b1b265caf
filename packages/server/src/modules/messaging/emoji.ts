const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** A picture by itself, made one by U+FE0F, a flag of two letters, or a keycap (UTS #51). */
const picture =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Emoji}\uFE0F|\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3)/u

/** Exactly one emoji, with its skin tones and joins. */
export const isEmoji = (text: string): boolean => [...graphemes.segment(text)].length === 1 && picture.test(text)

import { TextInput, type TextInputProps } from '@mantine/core'
import classes from './code-field.module.css'

/** Digits that were mailed or that an app shows; telephones offer them by themselves. */
export function CodeField({ length, ...props }: TextInputProps & { length: 6 | 8 }) {
  return (
    <TextInput
      {...props}
      classNames={{ input: classes.digits ?? '' }}
      inputMode="numeric"
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      // Some write them in groups.
      maxLength={length + 3}
    />
  )
}

/** What is sent of what was typed. */
export const digitsOf = (text: string): string => text.replace(/[\s-]/g, '')

export const isCode = (text: string, length: 6 | 8): boolean =>
  digitsOf(text).length === length && /^[\d\s-]+$/.test(text)

import { Text } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import classes from './save-state.module.css'

/** The quiet word beside a button that all went well. */
export function SaveState({ text }: { text: string | undefined }) {
  return (
    <Text role="status" className={classes.state ?? ''}>
      {text && (
        <>
          <IconCheck size={18} aria-hidden /> {text}
        </>
      )}
    </Text>
  )
}

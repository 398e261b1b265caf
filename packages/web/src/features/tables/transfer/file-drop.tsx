import { Button, FileButton, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './transfer.module.css'

/** A place to let go of a file of rows, or to choose one. */
export function FileDrop({ text, onFile }: { text: string; onFile: (file: File) => void }) {
  const { t } = useTranslation()
  const [isOver, setOver] = useState(false)
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same for who drags nothing
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconUpload size={28} stroke={1.5} aria-hidden />
      <Text c="dimmed">{text}</Text>
      <FileButton
        accept=".csv,.json,.ndjson,.jsonl"
        onChange={(file) => file && onFile(file)}
        inputProps={{ 'aria-label': t('data.chooseFile'), tabIndex: -1 }}
      >
        {(props) => (
          <Button {...props} variant="default">
            {t('data.chooseFile')}
          </Button>
        )}
      </FileButton>
    </div>
  )
}

import { type ClipboardEvent, type DragEvent, useState } from 'react'
import { addFiles } from './uploads.ts'

const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files')

/** Files that are dropped on a place, or pasted into it. */
export function useFileDrop(place: string, isOpen: boolean) {
  const [isDropping, setDropping] = useState(false)
  const [surplus, setSurplus] = useState(0)
  const take = (files: readonly File[]) => files.length > 0 && setSurplus(addFiles(place, files))
  const handlers = {
    onDragOver(event: DragEvent) {
      if (!isOpen || !hasFiles(event)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      setDropping(true)
    },
    onDragLeave({ currentTarget, relatedTarget }: DragEvent) {
      if (!currentTarget.contains(relatedTarget as Node | null)) setDropping(false)
    },
    onDrop(event: DragEvent) {
      setDropping(false)
      if (!isOpen || !hasFiles(event)) return
      event.preventDefault()
      take([...event.dataTransfer.files])
    },
    onPaste(event: ClipboardEvent) {
      const files = [...event.clipboardData.files]
      // Words copied from an office program bring a picture of themselves along.
      if (!isOpen || files.length === 0 || event.clipboardData.types.includes('text/plain')) return
      event.preventDefault()
      take(files)
    },
  }
  return { take, isDropping, surplus, handlers }
}

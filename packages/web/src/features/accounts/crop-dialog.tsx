import { Button, Group, Modal, Slider, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Slider.css'
import { useMutation } from '@tanstack/react-query'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import classes from './crop-dialog.module.css'
import { FormAlert } from './form-alert.tsx'

interface CropDialogProps {
  file: File
  save: (picture: Blob) => Promise<unknown>
  onClose: () => void
}

/** What of the picture is taken: its middle as parts of width and height, and how much larger than fitting it is. */
interface Crop {
  x: number
  y: number
  zoom: number
}

const view = 280
const side = 512
const middle: Crop = { x: 0.5, y: 0.5, zoom: 1 }

/** The side of the square that is taken, in pixels of the picture. */
const sideOf = ({ width, height }: ImageBitmap, zoom: number) => Math.min(width, height) / zoom

/** Never beyond an edge. */
function within(picture: ImageBitmap, crop: Crop): Crop {
  const half = sideOf(picture, crop.zoom) / 2
  const held = (part: number, length: number) => Math.min(1 - half / length, Math.max(half / length, part))
  return { zoom: crop.zoom, x: held(crop.x, picture.width), y: held(crop.y, picture.height) }
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
  const taken = sideOf(picture, crop.zoom)
  const [left, top] = [crop.x * picture.width - taken / 2, crop.y * picture.height - taken / 2]
  const context = canvas.getContext('2d')
  if (!context) return
  context.imageSmoothingQuality = 'high'
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, left, top, taken, taken, 0, 0, canvas.width, canvas.height)
}

/** Chooses the square of a picture that is shown: by pointer, or by arrow keys, plus and minus. */
export function CropDialog({ file, save, onClose }: CropDialogProps) {
  const { t } = useTranslation()
  const [picture, setPicture] = useState<ImageBitmap | 'unreadable'>()
  const [crop, setCrop] = useState(middle)
  const canvas = useRef<HTMLCanvasElement>(null)
  const isReady = typeof picture === 'object'

  useEffect(() => {
    let isGone = false
    createImageBitmap(file).then(
      (bitmap) => !isGone && setPicture(bitmap),
      () => !isGone && setPicture('unreadable'),
    )
    return () => {
      isGone = true
    }
  }, [file])

  useEffect(() => {
    if (canvas.current && isReady) draw(canvas.current, picture, crop)
  }, [picture, isReady, crop])

  const change = (next: (known: Crop) => Crop) => isReady && setCrop((known) => within(picture, next(known)))
  /** In pixels of the view. */
  const move = (dx: number, dy: number) =>
    change((known) => {
      if (!isReady) return known
      const scale = sideOf(picture, known.zoom) / view
      return { ...known, x: known.x + (dx * scale) / picture.width, y: known.y + (dy * scale) / picture.height }
    })
  const zoomBy = (factor: number) =>
    change((known) => ({ ...known, zoom: Math.min(4, Math.max(1, known.zoom * factor)) }))

  const onKeyDown = (event: KeyboardEvent) => {
    const pixels = event.shiftKey ? 40 : 8
    const actions: Record<string, () => void> = {
      ArrowLeft: () => move(-pixels, 0),
      ArrowRight: () => move(pixels, 0),
      ArrowUp: () => move(0, -pixels),
      ArrowDown: () => move(0, pixels),
      '+': () => zoomBy(1.1),
      '=': () => zoomBy(1.1),
      '-': () => zoomBy(1 / 1.1),
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  const onPointerMove = ({ buttons, movementX, movementY }: PointerEvent) =>
    buttons === 1 && move(-movementX, -movementY)

  const saving = useMutation({
    mutationFn: async () => {
      if (!isReady) return
      const made = new OffscreenCanvas(side, side)
      draw(made as unknown as HTMLCanvasElement, picture, crop)
      await save(await made.convertToBlob({ type: 'image/webp', quality: 0.92 }))
    },
    onSuccess: onClose,
  })

  return (
    <Modal opened onClose={onClose} title={t('avatar.crop')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      <Stack align="center">
        {picture === 'unreadable' && <FormAlert kind="error">{t('avatar.unreadable')}</FormAlert>}
        {saving.error && <FormAlert kind="error">{explainError(saving.error, t)}</FormAlert>}
        {picture !== 'unreadable' && (
          <>
            {/* biome-ignore lint/a11y/useSemanticElements: a group of what is done to one picture. */}
            <div
              className={classes.view}
              role="group"
              aria-label={t('avatar.view')}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the picture in it.
              tabIndex={0}
              onKeyDown={onKeyDown}
              onPointerDown={({ currentTarget, pointerId }) => currentTarget.setPointerCapture(pointerId)}
              onPointerMove={onPointerMove}
            >
              <canvas ref={canvas} width={view * 2} height={view * 2} style={{ width: view, height: view }} />
            </div>
            <Slider
              w={view}
              label={null}
              min={1}
              max={4}
              step={0.05}
              value={crop.zoom}
              thumbLabel={t('avatar.zoom')}
              onChange={(zoom) => change((known) => ({ ...known, zoom }))}
            />
            <Text size="sm" c="dimmed" ta="center">
              {t('avatar.keys')}
            </Text>
          </>
        )}
        <Group justify="flex-end" w="100%">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button disabled={!isReady} loading={saving.isPending} onClick={() => saving.mutate()}>
            {t('avatar.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

import { Skeleton } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useTranslation } from 'react-i18next'
import classes from './message-list.module.css'

const shapes = [
  { width: '46%', height: 40, isOwn: false },
  { width: '30%', height: 40, isOwn: false },
  { width: '52%', height: 62, isOwn: true },
  { width: '38%', height: 40, isOwn: false },
  { width: '28%', height: 40, isOwn: true },
]

export function MessagesLoading() {
  const { t } = useTranslation()
  return (
    <div className={classes.loading} role="status" aria-label={t('app.loading')}>
      {shapes.map(({ width, height, isOwn }) => (
        <Skeleton key={width} w={width} h={height} radius="lg" ml={isOwn ? 'auto' : 0} />
      ))}
    </div>
  )
}

import { useTranslation } from 'react-i18next'
import classes from './doctor.module.css'
import type { Said } from './say.ts'

export function FoundCard({ found: { id, severity, title, detail, cure } }: { found: Said }) {
  const { t } = useTranslation()
  return (
    <article className={classes.card} data-severity={severity} data-finding={id}>
      <p className={classes.severity}>{t(`doctor.severity.${severity}`)}</p>
      <h2 className={classes.title}>{title}</h2>
      <p className={classes.detail}>{detail}</p>
      <p>{cure}</p>
      <code className={classes.name}>{id}</code>
    </article>
  )
}

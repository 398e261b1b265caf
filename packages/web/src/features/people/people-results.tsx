import type { PublicUser } from '@atrium/client'
import { IconMessageCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './people.module.css'
import { personName } from './person.ts'
import { PersonAvatar } from './person-avatar.tsx'

interface PeopleResultsProps {
  found: readonly PublicUser[]
  /** Index of the one that Enter chooses. */
  active: number
  onChoose: (person: PublicUser) => void
}

/** The keyboard stays in the search field, which names the chosen option; see its `aria-activedescendant`. */
export function PeopleResults({ found, active, onChoose }: PeopleResultsProps) {
  const { t } = useTranslation()
  return (
    <div id="people-found" role="listbox" aria-label={t('people.title')} className={classes.results}>
      {found.map((person, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the search field handles the keys.
        <div
          key={person.id}
          id={`person-${person.id}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className={classes.person}
          onClick={() => onChoose(person)}
        >
          <PersonAvatar person={person} size={46} />
          <div className={classes.about}>
            <p className={classes.name}>
              {personName(person)} <span>@{person.username}</span>
            </p>
            {person.bio && <p className={classes.bio}>{person.bio}</p>}
          </div>
          <span className={classes.action}>
            <IconMessageCircle size={18} stroke={1.75} aria-hidden />
            {t('people.message')}
          </span>
        </div>
      ))}
    </div>
  )
}

import type { PublicUser } from '@atrium/client'
import { IconId, IconMessageCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { PresenceFace } from '../presence/presence-face.tsx'
import classes from './people.module.css'
import { personName } from './person.ts'

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
    <div className={classes.found}>
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
            <PresenceFace person={person} size={46} />
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
      {found.length > 0 && (
        <ul className={classes.profiles} aria-label={t('people.profiles')}>
          {found.map((person) => (
            <li key={person.id}>
              <Link
                to="/people/$name"
                params={{ name: `@${person.username}` }}
                className={classes.profileLink ?? ''}
                aria-label={t('people.profileOf', { name: personName(person) })}
              >
                <IconId size={21} stroke={1.6} aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

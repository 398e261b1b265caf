import type { Person } from '@atrium/client'
import { initials, tintOf } from './person.ts'
import classes from './person-avatar.module.css'

const tints = [classes.fern, classes.clay, classes.slate, classes.plum, classes.ochre, classes.rose]
/** The same colours for what is no person. */
export const personTints = tints.map((tint) => `${classes.avatar} ${tint}`)

/** The name stands beside it everywhere, so it says nothing to those who listen. */
export function PersonAvatar({ person, size = 40 }: { person: Person; size?: number }) {
  const tint = tints[tintOf(person, tints.length)] ?? ''
  return (
    <span
      aria-hidden="true"
      className={`${classes.avatar} ${tint}`}
      style={{ width: size, height: size, fontSize: size * 0.38 }}
    >
      {initials(person)}
    </span>
  )
}

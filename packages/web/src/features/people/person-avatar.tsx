import type { Avatar, Person } from '@atrium/client'
import { type ReactNode, useState } from 'react'
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
      {person.avatar ? <Picture avatar={person.avatar} size={size} otherwise={initials(person)} /> : initials(person)}
    </span>
  )
}

/** What cannot be shown, because it was replaced a moment ago say, leaves what was there without a picture. */
export function Picture({ avatar, size, otherwise }: { avatar: Avatar; size: number; otherwise: ReactNode }) {
  const [broken, setBroken] = useState<string>()
  const src = addressFor(avatar, size)
  if (src === broken) return otherwise
  return (
    <img
      className={classes.picture}
      src={src}
      alt=""
      width={size}
      height={size}
      decoding="async"
      draggable={false}
      onError={() => setBroken(src)}
    />
  )
}

/** The smallest that is sharp on this screen. */
function addressFor({ url, sizes }: Avatar, size: number): string {
  const wanted = size * window.devicePixelRatio
  const sides = [64, 128, 256] as const
  const side = sides.find((each) => each >= wanted)
  return side ? sizes[`${side}`] : url
}

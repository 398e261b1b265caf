import { type Static, Type } from 'typebox'
import { Id, nullable, pageOf, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

const Share = Type.Union([Type.Literal('none'), Type.Literal('friends'), Type.Literal('everyone')], {
  description: 'Who may find one nearby',
})

export const NewLocation = Type.Object(
  {
    lon: Type.Number(),
    lat: Type.Number(),
    accuracy_m: Type.Optional(Type.Number({ minimum: 0, maximum: 1e7, description: 'Taken, and not kept' })),
    share: Type.Optional(Share),
    precision_m: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        default: 1000,
        description: 'The position is kept no more exactly than this; nobody learns more, and neither do we',
      }),
    ),
    expires_in: Type.Optional(
      nullable(Type.Integer({ minimum: 60, maximum: 31_536_000, description: 'Seconds; absent: until it is removed' })),
    ),
  },
  { ...strict, title: 'NewLocation' },
)
export type NewLocation = Static<typeof NewLocation>

export const OwnLocation = Type.Object(
  {
    lon: Type.Number(),
    lat: Type.Number(),
    precision_m: Type.Integer(),
    share: Share,
    expires_at: nullable(Time),
    updated_at: Time,
  },
  { title: 'OwnLocation', description: 'What is kept: the middle of a cell of a grid, never the position itself' },
)
export type OwnLocation = Static<typeof OwnLocation>

export const OwnLocationAnswer = Type.Object(
  { location: nullable(OwnLocation) },
  { title: 'OwnLocationAnswer', description: 'null: one has not said where one is, or the time for it is over' },
)
export type OwnLocationAnswer = Static<typeof OwnLocationAnswer>

export const NearbyQuery = Type.Object(
  {
    radius: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000, default: 50_000, description: 'Metres' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  strict,
)
export type NearbyQuery = Static<typeof NearbyQuery>

export const NearbyPerson = Type.Object(
  {
    id: Id,
    user: PublicUser,
    distance_m: Type.Integer({ description: 'Rounded to the coarser of the two precisions' }),
    precision_m: Type.Integer(),
    updated_at: Time,
  },
  { title: 'NearbyPerson' },
)
export type NearbyPerson = Static<typeof NearbyPerson>

export const NearbyList = pageOf(NearbyPerson, 'NearbyList')
export type NearbyList = Static<typeof NearbyList>

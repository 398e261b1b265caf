import { type Static, Type } from 'typebox'

/** Widths and heights that pictures are made in: few enough that each is made once. */
const Side = Type.Union([
  Type.Literal(64),
  Type.Literal(128),
  Type.Literal(256),
  Type.Literal(512),
  Type.Literal(1024),
  Type.Literal(2048),
])

/** Of a picture: made smaller, and made anew. */
export const variantFields = {
  w: Type.Optional(Side),
  h: Type.Optional(Side),
  fit: Type.Optional(
    Type.Union([Type.Literal('cover'), Type.Literal('contain')], {
      description:
        'cover: fills the box, the middle is kept. contain: all of it, within the box. Never larger than it is.',
    }),
  ),
  format: Type.Optional(Type.Union([Type.Literal('webp'), Type.Literal('jpeg'), Type.Literal('png')])),
}
const Variant = Type.Object(variantFields)
type Variant = Static<typeof Variant>
export type VariantQuery = { [Name in keyof Variant]: Variant[Name] | undefined }

/** A square picture of somebody or something. */
export const Avatar = Type.Object(
  {
    url: Type.String({ description: 'As large as there is, up to 512 pixels a side' }),
    sizes: Type.Object(
      { '64': Type.String(), '128': Type.String(), '256': Type.String() },
      { description: 'Its addresses by pixels a side' },
    ),
  },
  { title: 'Avatar' },
)
export type Avatar = Static<typeof Avatar>
export const AvatarAnswer = Type.Object({ avatar: Avatar }, { title: 'AvatarAnswer' })
export const PictureForm = Type.Object(
  { file: Type.Unsafe<string>({ type: 'string', format: 'binary', description: 'JPEG, PNG, GIF or WebP' }) },
  { title: 'PictureForm' },
)

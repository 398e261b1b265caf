/** Where to go after signing in: a path of this app, never another site. */
export const ownPath = (to: unknown): string | undefined =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to) && to !== '/' ? to : undefined

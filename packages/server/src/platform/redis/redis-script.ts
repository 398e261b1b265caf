import { createHash } from 'node:crypto'

/** Lua that Redis runs in one step, and the name it is called by once Redis knows it. */
export interface RedisScript {
  lua: string
  sha: string
}

export const redisScript = (lua: string): RedisScript => ({ lua, sha: createHash('sha1').update(lua).digest('hex') })

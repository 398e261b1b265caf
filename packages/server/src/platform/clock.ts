/** The time, replaceable in tests. Times leave the server as ISO 8601 UTC with milliseconds. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()

export const isoAfter = (time: Date, seconds: number): string => new Date(time.getTime() + seconds * 1000).toISOString()

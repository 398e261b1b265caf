/** A Python that has the client of Socket.IO; undefined where there is none. */
export function findSocketIoPython(): string | undefined
/** libfaketime, to be preloaded; undefined where there is none. */
export function findFaketime(): string | undefined
/** The full path of the first of these programs that is installed. */
export function findProgram(...names: string[]): string | undefined
export function findGalera(): string | undefined

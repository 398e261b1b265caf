import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

export type Mark = 'new' | 'changed' | 'gone'

/** So long a row shows that it has changed; one that is gone shows it until the rows are asked for anew. */
const shownMs = 4_000

export interface Marks {
  of: (path: string) => Mark | undefined
  mark: (path: string, mark: Mark) => void
  clear: () => void
}

export function useMarks(): Marks {
  const [marks, setMarks] = useState<ReadonlyMap<string, Mark>>(new Map())
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>())
  useEffect(() => {
    const all = timers.current
    return () => {
      for (const timer of all.values()) clearTimeout(timer)
    }
  }, [])
  const mark = useCallback((path: string, given: Mark) => {
    setMarks((before) => new Map(before).set(path, given))
    clearTimeout(timers.current.get(path))
    if (given === 'gone') return
    const timer = setTimeout(() => {
      setMarks((before) => new Map([...before].filter(([other]) => other !== path)))
    }, shownMs)
    timers.current.set(path, timer)
  }, [])
  const clear = useCallback(() => setMarks(new Map()), [])
  return useMemo(() => ({ of: (path) => marks.get(path), mark, clear }), [marks, mark, clear])
}

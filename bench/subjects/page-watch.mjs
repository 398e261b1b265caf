// What runs inside a page of the web app. Each function is sent there as text, so it uses nothing from outside of it.

/** Notes from the beginning on what is painted and what answers an event; `window.watched` tells it. */
export function watchPaints() {
  const noted = { events: [] }
  let pressedAt
  const observe = (options, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ buffered: true, ...options })
  observe({ type: 'paint' }, ({ name, startTime }) => {
    if (name === 'first-contentful-paint') noted.firstPaint = startTime
  })
  observe({ type: 'largest-contentful-paint' }, ({ startTime }) => {
    noted.largestPaint = startTime
  })
  // 16 ms is the least that browsers tell.
  observe({ type: 'event', durationThreshold: 16 }, ({ name, duration, interactionId, startTime }) => {
    if (interactionId) noted.events.push({ name, duration, startTime })
  })
  const painted = () => requestAnimationFrame(() => setTimeout(() => (noted.refusal ??= performance.now() - pressedAt)))
  window.watched = {
    press() {
      noted.typedUntil = performance.now()
      document.addEventListener('click', (event) => (pressedAt ??= event.timeStamp), { capture: true, once: true })
      const look = new MutationObserver(() => {
        if (pressedAt === undefined || !document.querySelector('[role=alert]')?.textContent) return
        look.disconnect()
        painted()
      })
      look.observe(document.body, { subtree: true, childList: true, characterData: true })
    },
    read() {
      const { events, typedUntil, ...paints } = noted
      const slowest = (isMeant) => Math.max(16, ...events.filter(isMeant).map(({ duration }) => duration))
      return {
        ...paints,
        key: slowest(({ name, startTime }) => name.startsWith('key') && startTime < typedUntil),
        press: slowest(({ name, startTime }) => !name.startsWith('key') && startTime >= typedUntil),
      }
    },
  }
}

/** Scrolls half a screen with every frame until the first message is there; what each frame took. */
export function scrollBack({ history, limitMs }) {
  const scroller = document.querySelector('[data-log]')
  const step = scroller.clientHeight / 2
  const numberOf = (row) => Number(/Message (\d+):/.exec(row?.textContent ?? '')?.[1])
  return new Promise((resolve) => {
    const started = performance.now()
    const seen = { frames: 0, slow: 0, slowEarly: 0, slowLate: 0, slowest: 0 }
    let before
    const frame = (now) => {
      const reached = numberOf(document.querySelector('[data-message]'))
      if (before !== undefined) {
        const took = now - before
        seen.frames++
        seen.slowest = Math.max(seen.slowest, took)
        if (took > 50) {
          seen.slow++
          if (reached > history * 0.9) seen.slowEarly++
          if (reached <= history * 0.1) seen.slowLate++
        }
      }
      before = now
      const isAtBeginning = reached === 1 && scroller.scrollTop <= 0
      if (isAtBeginning || now - started > limitMs * 0.9) {
        const rows = document.querySelectorAll('[data-message]').length
        resolve({ ...seen, isAtBeginning, reached, rows, seconds: (now - started) / 1000 })
        return
      }
      scroller.scrollTop -= step
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
}

import { connect } from 'node:net'

const silenceLimitMs = 20_000
const headEnd = Buffer.from('\r\n\r\n')

/** One connection: asks what `player` says until told to stop, hands every answer back to it; resolves at the end. */
export function converse(port, player, state) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let askedAt = 0
    let parts = []
    let got = 0
    /** As far as is known: a large answer is put together once. */
    let least = 0
    let isOver = false

    const end = (problem) => {
      if (isOver) return
      isOver = true
      if (problem) state.problems.push(problem)
      socket.destroy()
      resolve()
    }
    const ask = () => {
      if (state.stopped) return end()
      const request = player.next()
      askedAt = performance.now()
      socket.write(request, 'latin1')
    }
    const take = (chunk) => {
      parts.push(chunk)
      got += chunk.length
      if (got < least) return
      const bytes = parts.length > 1 ? Buffer.concat(parts) : chunk
      const bodyAt = bytes.indexOf(headEnd) + headEnd.length
      const head = bodyAt < headEnd.length ? undefined : bytes.latin1Slice(0, bodyAt)
      const length = head && Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
      if (head === undefined || bytes.length < bodyAt + length) {
        parts = [bytes]
        least = head === undefined ? 0 : bodyAt + length
        return
      }
      parts = []
      got = least = 0
      state.answers++
      if (state.counting) state.latencies.push(performance.now() - askedAt)
      const surplus = Number.isNaN(length) || bytes.length > bodyAt + length
      const problem = surplus ? `unreadable: ${head}` : player.check(head.slice(9, 12), bytes.subarray(bodyAt))
      if (problem) state.problems.push(problem)
      // One broken connection says enough; going on would count thousands of the same.
      if (problem) end()
      else ask()
    }

    socket.setTimeout(silenceLimitMs, () => end('no answer'))
    socket.once('connect', ask)
    socket.on('data', take)
    socket.once('error', (error) => end(error.message))
    socket.once('close', () => end('closed by the server'))
  })
}

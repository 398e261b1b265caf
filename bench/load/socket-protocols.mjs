// How a client of each server speaks: what lets it in, how it sends, and what an incoming message is.
const code = (character) => character.charCodeAt(0)
const [open, ping, message] = ['0', '2', '4'].map(code)
const [connected, event, ack, refused] = ['0', '2', '3', '4'].map(code)

/** Engine.IO and Socket.IO in so far as a client needs them; `welcome` is the event after which one is in. */
const socketIo = ({ welcome, send }) => ({
  path: '/socket.io/?EIO=4&transport=websocket',
  send: (input) => `421${JSON.stringify(send(input))}`,
  read(client, bytes, from, to) {
    const [first, second] = [bytes[from], bytes[from + 1]]
    if (first === message && second === event) {
      if (welcome && bytes.latin1Slice(from + 2, from + 4 + welcome.length) === `["${welcome}`) client.enter()
      return 'event'
    }
    if (first === message && second === ack) {
      const isGood = bytes.latin1Slice(from, Math.min(to, from + 40)).includes('"ok":true')
      return isGood ? 'ack' : bytes.toString('utf8', from, Math.min(to, from + 300))
    }
    if (first === ping) client.send('3')
    else if (first === open) client.send('40')
    else if (first === message && second === connected && !welcome) client.enter()
    else if (first === message && second === refused) return bytes.toString('utf8', from, Math.min(to, from + 300))
    return 'nothing'
  },
})

export const protocols = {
  atrium: socketIo({
    welcome: 'session.ready',
    send: ({ room, name, text }) => ['message.send', { conversation_id: room, client_id: name, text }],
  }),
  'socket.io': socketIo({ send: ({ room, text, name }) => ['send', { room, text, name }] }),
  ws: {
    path: '/',
    send: ({ room, text, name }) => JSON.stringify({ kind: 'send', room, text, name }),
    read(client, bytes, from, to) {
      // {"kind":"message"…, {"kind":"ack"…, {"kind":"joined"…
      const kind = bytes[from + 9]
      if (kind === code('j')) client.enter()
      if (kind === code('a')) return 'ack'
      return kind === code('m') ? 'event' : bytes.toString('utf8', from, Math.min(to, from + 300))
    },
  },
}

/** Whether a host name or address, as URLs and sockets write it, is this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || /^(\[::1\]|::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(host)

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

/** The port of an address on this machine, as `Address` has them; `undefined` for any other. */
export const localPort = (servers: readonly string[]): number | undefined => {
  const [server] = servers
  if (server === undefined) return undefined
  const { hostname, port } = new URL(server)
  return LOOPBACK.includes(hostname) ? Number(port) : undefined
}

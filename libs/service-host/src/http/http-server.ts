/**
 * The little HTTP server of a service, for probes and for those who collect metrics. Every page is made anew for every
 * request; nothing is taken but the path.
 *
 * W1  `GET` and `HEAD` only, and only the pages that there are: 405 and 404 otherwise.
 * W2  Heads, connections and the time of each are bounded: whoever dawdles is cut off (P11).
 * W3  A page that fails is a 500, and a line of the log.
 */
import type { Logger, Timers } from '@waggle/kernel'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Page {
  /** As in HTTP: 200, or 503 where it says no. */
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** By path, such as `/livez`. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>

export interface HttpServerParts {
  /** Address to listen at, such as `127.0.0.1` or `::`. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly pages: Pages
  readonly timers: Timers
  readonly logger: Logger
}

export interface HttpServer {
  /** At which it listens. */
  readonly port: number
  /** Answers what it was asked already, for a short while, and lets go of the port. */
  close(): Promise<void>
}

/** W2. */
const HEAD_BYTES_MAX = 8_192
const CONNECTIONS_MAX = 64
const REQUEST_MS_MAX = 5_000
/** Longer than the usual time between two probes, so that they need not connect each time. */
const IDLE_MS_MAX = 20_000
const CLOSE_MS_MAX = 500

/** @throws Error naming the address when it cannot be listened at */
export const serveHttp = async ({ host, port, pages, timers, logger }: HttpServerParts): Promise<HttpServer> => {
  const server = createServer(
    {
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: REQUEST_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: REQUEST_MS_MAX / 2,
      keepAliveTimeout: IDLE_MS_MAX,
    },
    (request, response) => {
      void answer(pages, logger, request, response)
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  await listening(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => closed(server, timers),
  }
}

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'it is taken' : cause.message
      reject(new Error(`cannot listen for HTTP host=${host} port=${port} reason=${reason}`, { cause }))
    })
    server.listen(port, host, resolve)
  })

const closed = (server: Server, timers: Timers): Promise<void> =>
  new Promise((resolve) => {
    const cancel = timers.after(CLOSE_MS_MAX, () => server.closeAllConnections())
    server.close(() => {
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })

/** W1. Never rejects. */
const answer = async (
  pages: Pages,
  logger: Logger,
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const path = url.split('?', 1)[0] as string
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  const isRead = method === 'GET' || method === 'HEAD'
  if (page === undefined) send(response, plain(404, 'not found'))
  else if (!isRead) send(response, plain(405, 'method not allowed'), { allow: 'GET, HEAD' })
  else
    try {
      send(response, await page())
    } catch (error) {
      // W3.
      logger.error('a page could not be made', { path, error })
      send(response, plain(500, 'internal error'))
    }
}

const plain = (status: number, text: string): Page => ({
  ...{ status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` },
})

/** Node leaves the body out where only the head was asked for. */
const send = (
  response: ServerResponse,
  { status, contentType, body }: Page,
  more: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, {
    ...more,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

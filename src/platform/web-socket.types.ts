/** A W3C WebSocket as far as this library uses it, with what the `ws` package adds. */
export interface MessageSocket {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number
  /** Bytes taken by `send` that have not left yet. */
  readonly bufferedAmount: number
  binaryType: string
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: { readonly error?: unknown }) => void) | null
  addEventListener(event: 'close', listener: (event: { readonly code: number }) => void): void
  send(data: string | Uint8Array): void
  /** Browsers take the codes 1000 and 3000 to 4999 only. */
  close(code?: number, reason?: string): void
  /** `ws` only. */
  pause?(): void
  resume?(): void
  terminate?(): void
}

export interface WebSocketServerOptions {
  /** An existing `http.Server` or `https.Server` to share; otherwise one is opened at `host` and `port`. */
  readonly server?: object | undefined
  /** 0: any free port. */
  readonly port?: number | undefined
  readonly host?: string | undefined
  /** The one URL path that is served, such as `/agents`; every path when absent. */
  readonly path?: string | undefined
  /** Largest message in bytes: a larger one ends its socket before it is read. */
  readonly maxPayload: number
  /** Sockets open at once; further ones are refused with status 503. */
  readonly maxConnections: number
  /** How long a client may take over its HTTP request. */
  readonly handshakeMs: number
  /** Sockets are pinged this often and dropped when silent for one whole period; never when absent. */
  readonly heartbeatMs?: number | undefined
  /** Judges the `Origin` that browsers send; refused ones get status 403. */
  acceptsOrigin(origin: string | undefined): boolean
}

export interface WebSocketServerHandle {
  /** `ws://` URLs under which the server can be dialled. */
  readonly addresses: readonly string[]
  /** Stops accepting. Open sockets live on. */
  close(): Promise<void>
}

/** What each `web-socket.*.ts` exports; `#web-socket` resolves to the right one through package `imports` conditions. */
export interface WebSocketPlatform {
  /** Begins to open a socket. Throws a `SyntaxError` for a malformed URL and `no-transport` where the runtime has no WebSocket. */
  openWebSocket(url: string, options: { readonly maxPayload: number }): MessageSocket
  /** Accepts sockets, each with a readable name of its client. Rejects with `address-in-use`, `bad-address` or `no-transport`. */
  createWebSocketServer(
    options: WebSocketServerOptions,
    onSocket: (socket: MessageSocket, remote: string) => void,
  ): Promise<WebSocketServerHandle>
}

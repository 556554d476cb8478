export { SCOPES, type AccessOptions, type HttpToken, type Scope } from './access'
export { createHttpHandler, type AnswerReport, type HttpHandler, type HttpOptions } from './http-handler'
export type { HttpNode } from './node'
export { serveHttp, type HttpServer, type ServeOptions } from './serve-http'

export { connectNode, type NodeConnectionOptions } from './nats/connection.ts'
export { headerOf, headersOf } from './nats/headers.ts'
export { registerService, type MicroService, type ServiceEndpoint, type ServiceName } from './nats/micro-service.ts'

export {
  issueCertificate,
  makeAuthority,
  type AuthorityOptions,
  type CertificateOptions,
  type CertifiedKey,
} from './certificates.ts'
export type { Environment } from './command.ts'
export { natsServerFaultCatalogue } from './errors.ts'
export {
  cachedServerPath,
  findNatsServer,
  type FindOptions,
  type FoundServer,
  type ServerBinary,
} from './find-nats-server.ts'
export { quoted, writeEntries, type ConfigVariable } from './config-text.ts'
export {
  permissionsText,
  serverConfig,
  STORE_BYTES_MAX,
  type JetStreamConfig,
  type ServerCluster,
  type ServerConfig,
  type ServerPermissions,
  type ServerSubjectRights,
  type ServerTls,
  type ServerUser,
} from './server-config.ts'
export { readFrozenStream, type HealthQuestion } from './server-health.ts'
export { readServerInfo, type ReadInfoOptions, type ServerInfo } from './server-info.ts'
export type { ServerEnd } from './server-process.ts'
export { startNatsServer, type RunningServer, type StartOptions } from './start-nats-server.ts'
export { knowsSyncInterval, refusalOf, type ServerNeed } from './version.ts'

export { testServer, testSystemUser, testUser, type TestServer, type TestServerOptions } from './test-server.ts'
export { testServerCluster, type TestClusterOptions, type TestServerCluster } from './test-server-cluster.ts'
export { expired, TestCertificates } from './test-certificates.ts'

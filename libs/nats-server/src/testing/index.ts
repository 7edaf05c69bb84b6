export { testServer, testSystemUser, testUser, type TestServer, type TestServerOptions } from './test-server.ts'

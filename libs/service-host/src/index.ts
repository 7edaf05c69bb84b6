export {
  Environment,
  type Credentials,
  type EnvironmentVariables,
  type IntegerRange,
  type TextRange,
} from './environment.ts'
export { processHost, type ProcessHost, type StopSignal } from './process-host.ts'
export { runService, type RunningService, type ServiceDefinition, type ServiceParts } from './run-service.ts'

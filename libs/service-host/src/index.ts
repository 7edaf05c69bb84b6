export { commonOptions, type CommonOptions } from './config/common-options.ts'
export { optionRows, type OptionRow } from './config/configuration-text.ts'
export { readConfiguration, type Configuration, type ReadConfiguration } from './config/configuration.ts'
export { credentialsOf, type Credentials } from './config/credentials.ts'
export {
  choiceOption,
  integerOption,
  listOption,
  structuredOption,
  switchOption,
  textOption,
  type Given,
  type Option,
  type TextShape,
} from './config/option.ts'
export type { OptionTable, ValuesOf } from './config/option-table.ts'
export type { ReadinessCheck } from './http/health.ts'
export { processHost, type ProcessHost, type StopSignal } from './process-host.ts'
export { runService, type RunningService, type ServiceDefinition, type ServiceParts } from './run-service.ts'

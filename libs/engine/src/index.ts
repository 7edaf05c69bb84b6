export { Engine, type EngineParts, type Reply } from './engine.ts'
export { engineFaultCatalogue } from './errors.ts'

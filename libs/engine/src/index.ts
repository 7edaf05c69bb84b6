export { Engine, type EngineParts, type Reply } from './engine.ts'
export { engineFaultCatalogue } from './errors.ts'
export { openEmbeddedEngine, type EmbeddedEngine, type EmbeddedOptions } from './folder/embedded-engine.ts'

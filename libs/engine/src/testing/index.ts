export { batchLogContract, type OpenedLog } from './batch-log.contract.ts'
export { startChild, type ChildScript, type ChildScriptOptions } from './child-script.ts'
export { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts'

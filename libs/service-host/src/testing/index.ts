export { documentedLines, optionLines } from './documented-options.ts'

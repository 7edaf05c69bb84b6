export { openWaggle, type OpenOptions } from './open-waggle.ts'

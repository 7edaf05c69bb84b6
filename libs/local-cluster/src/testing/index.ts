export { Attacker } from './attacker.ts'

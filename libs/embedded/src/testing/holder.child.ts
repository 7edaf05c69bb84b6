/** Opens a store, says so, and holds it until it dies. */
import { openWaggle } from '../open-waggle.ts'

const [path = ''] = process.argv.slice(2)
const waggle = await openWaggle({ path })
await waggle.createCollective({ name: 'held', dimension: 2 })
process.stdout.write('holding\n')
process.stdin.resume()

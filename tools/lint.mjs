/** `npm run lint`: everything that can be said of the sources without running them. */
import { setUp } from './setup.mjs'
import { runLint } from './steps.mjs'

setUp()
const { failed } = await runLint()
process.exitCode = failed === 0 ? 0 : 1

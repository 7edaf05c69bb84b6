/**
 * Gets the nats-server that the tests run, and prints which: found or installed as the product itself would. None at
 * all is a failure; one that does only without replicas is told, for the tests of replication will fail.
 */
import { pathToFileURL } from 'node:url'
import { root } from './setup.mjs'

const { findNatsServer } = await import(pathToFileURL(`${root}libs/nats-server/dist/index.js`).href)

const say = (message) => process.stderr.write(`${message}\n`)
const logger = { debug: () => undefined, info: say, warn: say, error: say }
const allowSystemPackages = Boolean(process.env.CI)

const find = (need) => findNatsServer({ need, environment: process.env, allowSystemPackages, logger })

const findAny = async () => {
  try {
    return await find('replicated')
  } catch (error) {
    const server = await find('unreplicated')
    say(`not for replicated streams, whose tests will fail: ${error.message}`)
    return server
  }
}

try {
  const { path, version, source } = await findAny()
  process.stdout.write(`nats-server ${version} (${source}) ${path}\n`)
} catch (error) {
  say(error.message)
  process.exitCode = 1
}

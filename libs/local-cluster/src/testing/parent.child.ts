/** Starts a cluster in the folder it is given, tells when clients can connect and when it is ready, and holds it. */
import { startLocalCluster } from '../local-cluster.ts'

const [folder = ''] = process.argv.slice(2)
const cluster = await startLocalCluster({
  folder,
  shards: 2,
  environment: process.env,
  listening: async (url) => void process.stdout.write(`listening ${url}\n`),
})
process.stdout.write(`ready ${cluster.url}\n`)
process.stdin.resume()

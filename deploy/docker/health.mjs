/**
 * `node health.mjs [PATH]`, inside an image: whether the service beside it answers PATH, `/livez` unless it is given,
 * with success. It is Docker's HEALTHCHECK, for images have no shell and no curl.
 */
const { WAGGLE_HTTP__PORT: port } = process.env
const [page = '/livez'] = process.argv.slice(2)

try {
  const { ok } = await fetch(`http://127.0.0.1:${port}${page}`)
  process.exitCode = ok ? 0 : 1
} catch {
  process.exitCode = 1
}

/**
 * `node deploy/docker/collect.mjs SERVICE FOLDER` collects what one service needs to run, out of a built checkout, into
 * `FOLDER/app`, and makes `FOLDER/data`, which becomes /var/lib/waggle. SERVICE is a folder of services/.
 *
 * C1  What is collected is what `import` would find: from the service's own dependencies on, as Node resolves them.
 *     Development dependencies are never among them.
 * C2  Paths stay as they are in the checkout, links between workspaces included.
 * C3  Of a package only what runs goes along: no declarations, sources of native modules, source maps, documents, and
 *     no binaries of other platforms. Licences do.
 * C4  `app/main.mjs` leads to the service's command, so that an image's entry point needs to know no name.
 */
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { isStartedFile, root } from '../../tools/setup.mjs'

const manifestOf = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))

/** C1: where Node would find a package that a module in `folder` imports; `undefined` where it is not installed. */
const findPackage = (name, folder) => {
  for (let above = folder; ; above = path.dirname(above)) {
    const candidate = path.join(above, 'node_modules', name)
    if (existsSync(path.join(candidate, 'package.json'))) return candidate
    if (path.dirname(above) === above) return undefined
  }
}

/** The folders of a package and of all it needs, links resolved, and the links that lead to them. */
const closureOf = (start) => {
  const folders = new Set([start])
  const links = new Set()
  for (const folder of folders) {
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifestOf(folder)
    for (const name of Object.keys({ ...peerDependencies, ...dependencies, ...optionalDependencies })) {
      const found = findPackage(name, folder)
      if (found === undefined) {
        // A peer that is missing is an optional one, else npm would not have installed the package.
        if (!(name in dependencies) || name in optionalDependencies) continue
        throw new Error(`${name}, which ${folder} needs, is not installed`)
      }
      if (lstatSync(found).isSymbolicLink()) links.add(found)
      folders.add(realpathSync(found))
    }
  }
  return { folders, links }
}

const isWorkspace = (folder) => !folder.includes(`${path.sep}node_modules${path.sep}`)

/** C3 */
const isUnused = (relative) =>
  /(^|\/)(node_modules|obj[.]target|testing)(\/|$)/.test(relative) ||
  /[.](ts|mts|cts|map|md|markdown|tsbuildinfo|gyp|gypi|c|cc|cpp|h|hpp|mk|o|a|d)$/i.test(relative) ||
  isForeignBinary(relative)

const isForeignBinary = (relative) => {
  const platform = /^prebuilds\/([^/]+)/.exec(relative)?.[1]
  if (platform === undefined) return false
  return platform !== `${process.platform}-${process.arch}` || relative.includes('musl')
}

/** Of a workspace, only what its package.json could name. */
const isOfWorkspace = (relative) => /^($|package[.]json$|(bin|dist)(\/|$))/.test(relative)

const copyPackage = (folder, target) =>
  cpSync(folder, target, {
    recursive: true,
    filter: (file) => {
      const relative = path.relative(folder, file).split(path.sep).join('/')
      return !isUnused(relative) && (!isWorkspace(folder) || isOfWorkspace(relative))
    },
  })

export const collect = (service, folder) => {
  const app = path.join(folder, 'app')
  const start = path.join(root, 'services', service)
  if (!existsSync(start)) throw new Error(`there is no service named ${service}`)
  const { folders, links } = closureOf(start)
  rmSync(app, { recursive: true, force: true })
  mkdirSync(path.join(folder, 'data'), { recursive: true })
  // C2
  for (const it of folders) copyPackage(it, path.join(app, path.relative(root, it)))
  for (const link of links) {
    const target = path.join(app, path.relative(root, link))
    mkdirSync(path.dirname(target), { recursive: true })
    symlinkSync(path.relative(path.dirname(link), realpathSync(link)), target)
  }
  // C4
  const [command] = Object.values(manifestOf(start).bin)
  symlinkSync(path.join(path.relative(root, start), command), path.join(app, 'main.mjs'))
  cpSync(path.join(root, 'deploy/docker/health.mjs'), path.join(app, 'health.mjs'))
  cpSync(path.join(root, 'LICENSE'), path.join(app, 'LICENSE'))
}

if (isStartedFile(import.meta.url)) {
  const [service, folder] = process.argv.slice(2)
  if (service === undefined || folder === undefined) {
    process.stderr.write('usage: node deploy/docker/collect.mjs SERVICE FOLDER\n')
    process.exit(2)
  }
  collect(service, path.resolve(folder))
}

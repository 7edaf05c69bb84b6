/**
 * `node deploy/docker/make-base.mjs [run] [build]`: base images out of this machine's own files, for where none can be
 * pulled: `waggle-base:run` in place of node:24-bookworm-slim, `waggle-base:build` in place of node:24-bookworm. Needs
 * Debian or one of its descendants; the second also g++, make and python3 installed.
 *
 * B1  No setting of the machine goes along: no certificates, no npmrc, no hosts, no resolver. Files of packages do, and
 *     what is written here.
 * B2  Node is the version of `NODE_VERSION`, from npm, whatever Node the machine has.
 * B3  Headers for native modules are those of the machine's Node: the modules that Waggle has speak Node-API, which is
 *     the same for all versions.
 * B4  `waggle-base:run` has Node, its libraries and names of users: no shell, no package manager, nothing to write to
 *     but /tmp.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isStartedFile } from '../../tools/setup.mjs'
import { dockerCommand } from './docker-command.mjs'

const NODE_VERSION = '24'

const compilers = ['g++', 'make', 'python3']
const systemPackages = ['dash', 'bash', 'coreutils', 'findutils', 'sed', 'grep', 'tar', 'gzip', ...compilers]

/** What the output of a command is; @throws Error with what it said */
const run = (command, args, options = {}) => {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout.trim()
}

const linesOf = (text) => text.split('\n').filter((line) => line !== '')

/** Writes a file below a root, with the folders above it. */
const put = (root, file, text) => {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true })
  writeFileSync(path.join(root, file), text)
}

const copy = (root, from, to = from) =>
  cpSync(realpathSync(from), path.join(root, to), { recursive: true, verbatimSymlinks: true })

/** B2 */
const nodeBinary = () => {
  const args = ['-y', '-p', `node@${NODE_VERSION}`, 'node', '-p', 'process.execPath']
  return linesOf(run('npx', args)).at(-1)
}

/** Of the C library: what Node is not linked to, but native modules may be. */
const cLibraries = ['librt.so.1', 'libresolv.so.2', 'libutil.so.1', 'libanl.so.1']

/** The libraries a program is linked to, and the loader: `libm.so.6 => /lib/… (0x…)` and `/lib64/ld-… (0x…)`. */
const librariesOf = (program) =>
  linesOf(run('ldd', [program])).flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? [])

const putUsers = (root, more) => {
  const users = [['root', 0, '/root'], ...more]
  put(root, 'etc/passwd', users.map(([name, id, home]) => `${name}:x:${id}:${id}::${home}:/nowhere\n`).join(''))
  put(root, 'etc/group', users.map(([name, id]) => `${name}:x:${id}:\n`).join(''))
  put(root, 'etc/nsswitch.conf', 'hosts: files dns\n')
}

const putTemporaryFolder = (root) => {
  mkdirSync(path.join(root, 'tmp'))
  run('chmod', ['1777', path.join(root, 'tmp')])
}

/** B4 */
const fillRunBase = (root) => {
  const node = nodeBinary()
  const libraries = librariesOf(node)
  const beside = path.dirname(libraries.find((library) => library.endsWith('/libc.so.6')))
  for (const library of [...libraries, ...cLibraries.map((name) => path.join(beside, name))]) copy(root, library)
  copy(root, node, 'usr/local/bin/node')
  putUsers(root, [['waggle', 10_001, '/var/lib/waggle']])
  putTemporaryFolder(root)
}

/** The installed packages that those named need, themselves among them. */
const neededPackages = (names) => {
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`)
  const listed = linesOf(run('apt-cache', ['depends', '--recurse', '--installed', ...kinds, ...names]))
  return [...new Set(listed.flatMap((line) => /^(\w\S*)$/.exec(line)?.[1] ?? []))]
}

const isDocument = (file) => /^\/usr\/share\/(doc|doc-base|info|locale|man|lintian)\//.test(file)

/** Files of packages, as they lie on a system whose /bin, /lib, … are links into /usr. */
const filesOf = (packages) => {
  const listed = linesOf(run('dpkg-query', ['-L', ...packages])).filter((line) => /^\/./.test(line))
  const merged = listed.map((file) => file.replace(/^\/(bin|sbin|lib|lib32|lib64|libx32)\//, '/usr/$1/'))
  return [...new Set(merged)].filter((file) => existsSync(file) && !isDocument(file))
}

const fillBuildBase = (root) => {
  const missing = compilers.filter((name) => spawnSync('dpkg-query', ['-s', name]).status !== 0)
  if (missing.length > 0) throw new Error(`not installed here: ${missing.join(', ')}`)
  const links = ['/usr/bin/awk', '/usr/bin/cc', '/usr/bin/c++'].filter((file) => existsSync(file))
  const alternatives = readdirSync('/etc/alternatives').map((name) => `/etc/alternatives/${name}`)
  const files = [...filesOf(neededPackages(systemPackages)), ...alternatives, ...links]
  const list = path.join(root, 'files')
  writeFileSync(list, files.map((file) => file.slice(1)).join('\n'))
  // No recursion: a folder that packages share has files of other packages too.
  run('sh', ['-c', `tar -C / -c --no-recursion -T "${list}" -f - | tar -x -C "${root}"`])
  rmSync(list)
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    if (!existsSync(path.join(root, name))) symlinkSync(`usr/${name}`, path.join(root, name))
  putNpm(root)
  putUsers(root, [])
  rmSync(path.join(root, 'tmp'), { recursive: true, force: true })
  putTemporaryFolder(root)
}

const putNpm = (root) => {
  copy(root, nodeBinary(), 'usr/local/bin/node')
  const npm = path.join(run('npm', ['root', '--global']), 'npm')
  copy(root, npm, 'usr/local/lib/node_modules/npm')
  // B1
  rmSync(path.join(root, 'usr/local/lib/node_modules/npm/npmrc'), { force: true })
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(root, 'usr/local/bin', name))
  // B3
  const headers = path.resolve(path.dirname(realpathSync(process.execPath)), '../include/node')
  copy(root, headers, 'usr/local/include/node')
}

const bases = {
  run: { fill: fillRunBase, path: '/usr/local/bin' },
  build: { fill: fillBuildBase, path: '/usr/local/bin:/usr/bin:/bin' },
}

/** Makes the image `waggle-base:<name>` and gives its name. */
export const makeBase = (name) => {
  const { docker } = dockerCommand()
  const root = mkdtempSync(path.join(tmpdir(), 'waggle-base-'))
  const archive = `${root}.tar`
  const image = `waggle-base:${name}`
  try {
    bases[name].fill(root)
    run('tar', ['-C', root, '--owner=0', '--group=0', '--numeric-owner', '-cf', archive, '.'])
    run(docker, ['import', '--change', `ENV PATH=${bases[name].path}`, archive, image])
  } finally {
    rmSync(root, { recursive: true, force: true })
    rmSync(archive, { force: true })
  }
  return image
}

if (isStartedFile(import.meta.url)) {
  const names = process.argv.slice(2)
  const unknown = names.filter((name) => !(name in bases))
  if (unknown.length > 0) {
    process.stderr.write('usage: node deploy/docker/make-base.mjs [run] [build]\n')
    process.exit(2)
  }
  for (const name of names.length === 0 ? Object.keys(bases) : names) process.stdout.write(`${makeBase(name)}\n`)
}

/**
 * `node deploy/docker/build.mjs [--machine-base] [--outside] [IMAGE…]` builds `waggle/<IMAGE>:<version>`, where none is
 * named all of them: router, shard, compactor and nats.
 *
 *   --machine-base  on bases made of this machine's own files (make-base.mjs), where none can be pulled
 *   --outside       of what this checkout has installed and built already, instead of installing and building it anew:
 *                   the same Dockerfile from the collected folder on; takes seconds
 *
 * How this machine reaches its registries goes along as secrets of the build: npm's own file of settings, and the
 * certificates that npm or Node are told to trust.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { isStartedFile, root } from '../../tools/setup.mjs'
import { collect } from './collect.mjs'
import { dockerCommand } from './docker-command.mjs'
import { makeBase } from './make-base.mjs'

const NATS_VERSION = '2.14.5'
const images = ['router', 'shard', 'compactor', 'nats']

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

const said = (command, args) => {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : ''
}

/** The settings of this machine that a build may need, as options of `docker build`. */
const secrets = () => {
  const npmrc = said('npm', ['config', 'get', 'userconfig'])
  const authority = process.env.NODE_EXTRA_CA_CERTS ?? said('npm', ['config', 'get', 'cafile'])
  return Object.entries({ npmrc, ca: authority })
    .filter(([, file]) => existsSync(file))
    .flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`])
}

const build = ({ image, dockerfile, context, variables, isOutside }) => {
  const { docker, environment } = dockerCommand()
  const set = Object.entries(variables).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
  const options = [...set, ...(isOutside ? [] : secrets())]
  const { status } = spawnSync(
    docker,
    ['build', '--quiet', '-f', path.join(root, 'deploy/docker', dockerfile), '-t', image, ...options, context],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (status !== 0) throw new Error(`${image} could not be built`)
  process.stdout.write(`${image}\n`)
}

/** Calls with a temporary folder, which is gone afterwards. */
const withFolder = async (work) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waggle-image-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const buildService = async (service, { isOutside, bases }) => {
  const variables = { ...bases, SERVICE: service, VERSION: version, REVISION: said('git', ['rev-parse', 'HEAD']) }
  const common = { image: `waggle/${service}:${version}`, dockerfile: 'Dockerfile', isOutside }
  if (!isOutside) return build({ ...common, variables, context: root })
  return withFolder((folder) => {
    collect(service, folder)
    build({ ...common, variables: { ...variables, APP: 'collected' }, context: folder })
  })
}

/** The program that the tests run too: found or installed as the product itself would. */
const natsProgram = async () => {
  const { findNatsServer } = await import(pathToFileURL(path.join(root, 'libs/nats-server/dist/index.js')).href)
  return (await findNatsServer({ need: 'replicated', environment: process.env })).path
}

/** Its builder cannot be made of this machine's files, so where bases are, the program is one of this machine too. */
const buildNats = async ({ isOutside, isMachineBase }) => {
  const common = { image: `waggle/nats:${NATS_VERSION}`, dockerfile: 'nats.Dockerfile' }
  const variables = { VERSION: NATS_VERSION }
  if (!isOutside && !isMachineBase) return build({ ...common, variables, context: root, isOutside })
  return withFolder(async (folder) => {
    mkdirSync(path.join(folder, 'data'))
    copyFileSync(await natsProgram(), path.join(folder, 'nats-server'))
    chmodSync(path.join(folder, 'nats-server'), 0o755)
    build({ ...common, variables: { ...variables, APP: 'collected' }, context: folder, isOutside: true })
  })
}

/** Base images out of this machine's files; what is collected outside needs no builder. */
const machineBases = (isOutside) => {
  const run = makeBase('run')
  return { BASE_IMAGE: run, BUILD_IMAGE: isOutside ? run : makeBase('build') }
}

if (isStartedFile(import.meta.url)) {
  const args = process.argv.slice(2)
  const [isOutside, isMachineBase] = [args.includes('--outside'), args.includes('--machine-base')]
  const named = args.filter((arg) => !['--outside', '--machine-base'].includes(arg))
  const unknown = named.filter((name) => !images.includes(name))
  if (unknown.length > 0) {
    process.stderr.write(`no image of ours: ${unknown.join(' ')}; there are ${images.join(' ')}\n`)
    process.exit(2)
  }
  const bases = isMachineBase ? machineBases(isOutside) : {}
  for (const name of named.length === 0 ? images : named)
    await (name === 'nats' ? buildNats({ isOutside, isMachineBase }) : buildService(name, { isOutside, bases }))
}

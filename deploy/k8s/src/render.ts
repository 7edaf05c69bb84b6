/**
 * Renders a kustomization, with what is on this machine: kubectl, which has kustomize inside, or kustomize; where there
 * is neither, `go install` puts kustomize into the cache folder, once.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const KUSTOMIZE_VERSION = 'v5.8.1'
const BUILD_MS_MAX = 600_000
const RENDER_MS_MAX = 60_000
const OUTPUT_BYTES_MAX = 16_000_000

const execute = promisify(execFile)

/** Renders the kustomization in a folder as a stream of YAML documents. @throws with what it complained of */
export type Render = (folder: string) => Promise<string>

export const findRender = async (): Promise<Render> => {
  if (await answers('kubectl', ['version', '--client'])) return renderWith('kubectl', 'kustomize')
  if (await answers('kustomize', ['version'])) return renderWith('kustomize', 'build')
  const cached = path.join(cacheFolder(), 'kustomize', KUSTOMIZE_VERSION, 'kustomize')
  if (!(await answers(cached, ['version']))) await install(cached)
  return renderWith(cached, 'build')
}

const renderWith =
  (file: string, command: string): Render =>
  async (folder) => {
    const options = { timeout: RENDER_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX }
    const { stdout, stderr } = await execute(file, [command, folder], options)
    // What it finds deprecated, and goes on with.
    if (stderr !== '') throw new Error(`${file} ${command} ${folder}: ${stderr}`)
    return stdout
  }

const answers = async (file: string, args: readonly string[]): Promise<boolean> => {
  try {
    await execute(file, args, { timeout: RENDER_MS_MAX })
    return true
  } catch {
    return false
  }
}

/** What is at the target is whole: it is built elsewhere and renamed into place. */
const install = async (target: string): Promise<void> => {
  await mkdir(path.dirname(target), { recursive: true })
  const folder = await mkdtemp(path.join(path.dirname(target), 'building-'))
  try {
    const env = { ...process.env, CGO_ENABLED: '0', GOBIN: folder }
    const module = `sigs.k8s.io/kustomize/kustomize/v5@${KUSTOMIZE_VERSION}`
    await execute('go', ['install', module], { env, cwd: folder, timeout: BUILD_MS_MAX })
    await rename(path.join(folder, 'kustomize'), target)
  } catch (error) {
    throw new Error(
      'there is neither kubectl nor kustomize, and go install did not bring it: put one of the three on the PATH',
      { cause: error },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const cacheFolder = (): string => {
  const named = process.env.XDG_CACHE_HOME ?? ''
  return path.join(path.isAbsolute(named) ? named : path.join(homedir(), '.cache'), 'waggle')
}

/**
 * Which command builds images with BuildKit here. Docker 23 and newer build with the plug-in buildx alone; Debian 12's
 * own client, 20.10, has BuildKit in it. Both may be installed, in any order of the PATH.
 */
import { spawnSync } from 'node:child_process'

const candidates = ['docker', '/usr/bin/docker']

const says = (command, args) => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

const hasBuildx = (docker) => says(docker, ['buildx', 'version']) !== undefined
const isOldEnough = (docker) => {
  const major = Number(/version (\d+)/.exec(says(docker, ['--version']) ?? '')?.[1])
  return major >= 18 && major < 23
}

/** `docker`, the command, and the variables it wants. @throws Error where no command can build */
export const dockerCommand = () => {
  const docker = candidates.find((it) => hasBuildx(it) || isOldEnough(it))
  if (docker === undefined)
    throw new Error('no docker command that can build: install the plug-in buildx, or Debian’s docker.io')
  return { docker, environment: { DOCKER_BUILDKIT: '1' } }
}

/**
 * What an image is, by itself.
 *
 * I1  It runs as a user without rights, over a root that it cannot write to.
 * I2  Nothing of the machine that built it is in it: no sources, no settings, no secrets.
 * I3  It is small: the service and what it needs add little to its base.
 * I4  It runs by the same options and exit codes as the process elsewhere.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docker, dockerOutput, imageOf, NATS_IMAGE, nothingToTest, roles, VERSION, type Role } from './docker.ts'

/** What the layers of a service may take: 13 MB now, without the base. */
const ADDED_BYTES_MAX = 32_000_000

interface ImageConfig {
  readonly User: string
  /** `null`: none. */
  readonly Env: readonly string[] | null
  readonly Labels: Readonly<Record<string, string>>
  readonly StopSignal: string
  readonly Entrypoint: readonly string[]
  readonly Healthcheck?: { readonly Test: readonly string[] }
}

const configOf = (image: string): ImageConfig =>
  (JSON.parse(dockerOutput('image', 'inspect', image)) as { readonly Config: ImageConfig }[])[0]!.Config

/** Every path in the image. */
const filesOf = (image: string): readonly string[] => {
  const container = dockerOutput('create', image)
  try {
    const listing = spawnSync('sh', ['-c', `docker export ${container} | tar -t`], { encoding: 'utf8' })
    return listing.stdout.split('\n')
  } finally {
    docker('rm', container)
  }
}

/** The commands that made it, newest first, with the bytes that each added. */
const historyOf = (image: string) =>
  dockerOutput('history', '--no-trunc', '--human=false', '--format', '{{.Size}} {{.CreatedBy}}', image)
    .split('\n')
    .map((line) => {
      const [size, ...command] = line.split(' ')
      return { sizeBytes: Number(size), command: command.join(' ') }
    })

const least = { WAGGLE_NODE: 'one', WAGGLE_NATS__URL: 'nats://127.0.0.1:4222' }

/** Runs it to its end, confined as in production; `options` are those of `docker run`. */
const run = (
  image: string,
  variables: Readonly<Record<string, string>>,
  { options = [], args = [] }: { readonly options?: readonly string[]; readonly args?: readonly string[] } = {},
) => {
  const set = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const confined = ['--read-only', '--network=none', '--cap-drop=ALL', '--security-opt=no-new-privileges']
  return docker('run', '--rm', ...confined, ...set, ...options, image, ...args)
}

const why = nothingToTest()

describe.skipIf(why !== undefined)('the image of a', () => {
  test.each(roles)('%s: I1 runs as a user without rights and leaves at SIGTERM', (role) => {
    const { User, StopSignal, Entrypoint, Healthcheck } = configOf(imageOf(role))
    expect({ User, StopSignal, Entrypoint }).toEqual({
      User: '10001:10001',
      StopSignal: 'SIGTERM',
      Entrypoint: ['node', '/app/main.mjs'],
    })
    expect(Healthcheck?.Test).toEqual(['CMD', 'node', '/app/health.mjs'])
  })

  test.each(roles)('%s: says what it is', (role) => {
    const { Labels, Env } = configOf(imageOf(role))
    expect(Labels).toMatchObject({
      'org.opencontainers.image.title': `waggle-${role}`,
      'org.opencontainers.image.version': VERSION,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    })
    expect(Env).toEqual(
      expect.arrayContaining([
        'NODE_ENV=production',
        'WAGGLE_HTTP__HOST=0.0.0.0',
        'WAGGLE_HTTP__PORT=8080',
        'WAGGLE_DIR=/var/lib/waggle',
      ]),
    )
  })

  test.each(roles)('%s: I2 has what runs, and nothing of the machine that built it', (role) => {
    const files = filesOf(imageOf(role)).filter((file) => file.startsWith('app/'))
    expect(files).toContain('app/main.mjs')
    expect(files).toContain(`app/services/${role}/dist/main.js`)
    expect(files).toContain('app/node_modules/classic-level/package.json')
    const others = roles.filter((other) => other !== role).map((other) => `app/services/${other}/`)
    expect(files.filter((file) => others.includes(file))).toEqual([])
    const unwanted = /[.](ts|map|tsbuildinfo|cc|gyp)$|(^|\/)([.]npmrc|[.]git|[.]env|testing|vitest|typescript)(\/|$)/
    expect(files.filter((file) => unwanted.test(file))).toEqual([])
  })

  test.each([...roles.map(imageOf), NATS_IMAGE])('%s: I2 is made by commands that tell no secret', (image) => {
    const said = [...historyOf(image).map(({ command }) => command), ...(configOf(image).Env ?? [])].join('\n')
    expect(said).toMatch(/ENTRYPOINT/)
    expect(said).not.toMatch(/passw|secret|token|npmrc|proxy|registry|https?:/i)
  })

  test.each(roles)('%s: I3 adds little to its base', (role) => {
    const own = historyOf(imageOf(role)).filter(({ command }) => command.startsWith('COPY'))
    const addedBytes = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    expect(own).toHaveLength(2)
    expect(addedBytes).toBeGreaterThan(1_000_000)
    expect(addedBytes).toBeLessThan(ADDED_BYTES_MAX)
  })
})

describe.skipIf(why !== undefined)('the process in the image of a', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'waggle-images-'))
    chmodSync(folder, 0o755)
    writeFileSync(path.join(folder, 'password'), 'told-to-nobody\n', { mode: 0o644 })
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(roles)('%s: I1 I4 shows its configuration over a root it cannot write to, without the secret', (role) => {
    const secret = { WAGGLE_NATS__USER: role, WAGGLE_NATS__PASSWORD_FILE: '/run/secrets/password' }
    const { code, output, log } = run(
      imageOf(role),
      { ...least, ...secret },
      { options: ['-v', `${folder}:/run/secrets:ro`], args: ['--print-config'] },
    )
    expect([code, log]).toEqual([0, ''])
    expect(output).toContain('0.0.0.0')
    expect(output).toContain('nats://127.0.0.1:4222')
    expect(output).not.toContain('told-to-nobody')
  })

  test.each(roles)('%s: I4 P10 leaves with 2 when it is told wrong, and names the options', (role) => {
    const { code, log } = run(imageOf(role), { WAGGLE_NATS__URL: '', WAGGLE_HTTP__PORT: 'none' })
    expect(code).toBe(2)
    for (const name of ['WAGGLE_NODE', 'WAGGLE_NATS__URL', 'WAGGLE_HTTP__PORT']) expect(log).toContain(name)
  })

  test.each(roles)('%s: I4 leaves with 1 when it reaches no server', (role: Role) => {
    expect(run(imageOf(role), least).code).toBe(1)
  })
})

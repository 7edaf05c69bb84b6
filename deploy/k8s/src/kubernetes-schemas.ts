/**
 * The schemas of Kubernetes' own objects: the OpenAPI documents of one release, out of the Go module k8s.io/kubernetes,
 * which the Go proxy keeps and its checksum database vouches for. Strict: what a schema does not name is refused, as by
 * an API server that is asked with `--validate=strict`.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { Ajv, type ValidateFunction } from 'ajv'
import { nameOf, type Manifest } from './manifest.ts'

const KUBERNETES_VERSION = 'v1.32.13'
/** 34 MB, fetched once. */
const DOWNLOAD_MS_MAX = 300_000
const OUTPUT_BYTES_MAX = 1_000_000

const execute = promisify(execFile)

interface Schema {
  readonly [key: string]: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: unknown
}

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export class KubernetesSchemas {
  readonly #folder: string
  readonly #validators = new Map<string, Promise<ReadonlyMap<string, ValidateFunction>>>()

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws where Go is absent or the module cannot be fetched */
  static async open(): Promise<KubernetesSchemas> {
    const args = ['mod', 'download', '-json', `k8s.io/kubernetes@${KUBERNETES_VERSION}`]
    const { stdout } = await execute('go', args, { timeout: DOWNLOAD_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX })
    const { Dir } = JSON.parse(stdout) as { readonly Dir: string }
    return new KubernetesSchemas(path.join(Dir, 'api/openapi-spec/v3'))
  }

  /** What is wrong with an object; `undefined` where Kubernetes has no such kind of its own. */
  async check(manifest: Manifest): Promise<readonly string[] | undefined> {
    const { apiVersion, kind } = manifest
    const validators = await this.#ofVersion(apiVersion)
    const validate = validators.get(kind)
    if (validate === undefined) return undefined
    if (validate(manifest)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${nameOf(manifest)}: ${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    )
  }

  #ofVersion(apiVersion: string): Promise<ReadonlyMap<string, ValidateFunction>> {
    const known = this.#validators.get(apiVersion)
    if (known !== undefined) return known
    const compiled = this.#compile(apiVersion)
    this.#validators.set(apiVersion, compiled)
    return compiled
  }

  async #compile(apiVersion: string): Promise<ReadonlyMap<string, ValidateFunction>> {
    const [version = '', group] = apiVersion.split('/').reverse()
    const file = group === undefined ? `api__${version}` : `apis__${group}__${version}`
    const text = await readFile(path.join(this.#folder, `${file}_openapi.json`), 'utf8').catch(() => undefined)
    if (text === undefined) return new Map()
    const { schemas } = (JSON.parse(text) as OpenApi).components
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
    const strict = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, closed(schema)]))
    ajv.addSchema({ $id: ROOT, components: { schemas: strict } })
    const kinds = Object.entries(schemas).flatMap(([name, schema]) =>
      kindsOf(schema)
        .filter((each) => (each.group === '' ? each.version : `${each.group}/${each.version}`) === apiVersion)
        .map(({ kind }) => [kind, ajv.compile({ $ref: `${ROOT}#/components/schemas/${name}` })] as const),
    )
    return new Map(kinds)
  }
}

const ROOT = 'kubernetes'

const kindsOf = (schema: Schema): readonly GroupVersionKind[] =>
  (schema['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[]

/** The schema, which takes no properties but those that it names. References inside stay as they are. */
const closed = (schema: Schema): Schema => {
  if (schema.properties === undefined || schema.additionalProperties !== undefined) return schema
  const properties = Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, closed(each)]))
  return { ...schema, properties, additionalProperties: false }
}

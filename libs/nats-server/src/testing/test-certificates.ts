import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { issueCertificate, makeAuthority, type CertificateOptions, type CertifiedKey } from '../certificates.ts'

const HOUR_MS = 3_600_000

/** Files of certificates in a temporary folder, from two authorities that know nothing of each other. */
export class TestCertificates {
  readonly #folder: string
  readonly #authorities: Readonly<Record<'ours' | 'theirs', CertifiedKey>>

  private constructor(folder: string, authorities: Readonly<Record<'ours' | 'theirs', CertifiedKey>>) {
    this.#folder = folder
    this.#authorities = authorities
  }

  static async make(): Promise<TestCertificates> {
    const [ours, theirs] = [
      await makeAuthority({ name: 'ours', ...valid() }),
      await makeAuthority({ name: 'theirs', ...valid() }),
    ]
    const certificates = new TestCertificates(await mkdtemp(path.join(tmpdir(), 'waggle-tls-')), { ours, theirs })
    await certificates.write('ours.crt', ours.certificate)
    await certificates.write('theirs.crt', theirs.certificate)
    return certificates
  }

  /** The path of a file of the folder: `ours.crt`, `<name>.crt`, `<name>.key`. */
  file(name: string): string {
    return path.join(this.#folder, name)
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(this.file(name), text, { mode: 0o600 })
  }

  async copy(from: string, to: string): Promise<void> {
    await copyFile(this.file(from), this.file(to))
  }

  /** Writes `<name>.crt` and `<name>.key`; good for an hour unless told otherwise. */
  async issue(
    name: string,
    options: Partial<CertificateOptions> & Pick<CertificateOptions, 'use'>,
    by: 'ours' | 'theirs' = 'ours',
  ): Promise<void> {
    const { certificate, key } = await issueCertificate(this.#authorities[by], { name, ...valid(), ...options })
    await this.write(`${name}.crt`, certificate)
    await this.write(`${name}.key`, key)
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const valid = () => ({ fromMs: Date.now() - HOUR_MS, untilMs: Date.now() + HOUR_MS })
/** A time that is over. */
export const expired = () => ({ fromMs: Date.now() - 2 * HOUR_MS, untilMs: Date.now() - HOUR_MS })

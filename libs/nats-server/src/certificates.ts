/**
 * Certificates for servers, services and clients, from an authority of one's own: for development, tests, and clusters
 * that have no other.
 *
 * Keys are of the curve P-256, which everything that speaks TLS knows. A server's certificate is good on both sides,
 * for servers of a cluster also connect to one another; a client's makes nobody a server.
 *
 * The library is loaded when it is used first: it takes half a second, and few commands need it.
 */
import { assert } from '@waggle/kernel'

/** A certificate and its private key, as text (PEM). */
export interface CertifiedKey {
  readonly certificate: string
  readonly key: string
}

export interface CertificateOptions {
  /** The common name; letters, digits and `._-`. */
  readonly name: string
  readonly use: 'server' | 'client'
  /** Names and IPv4 addresses by which a server is reached. */
  readonly hosts?: readonly string[]
  /** Milliseconds since 1970. */
  readonly fromMs: number
  readonly untilMs: number
}

export type AuthorityOptions = Pick<CertificateOptions, 'name' | 'fromMs' | 'untilMs'>

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const NAME = /^[A-Za-z0-9._-]+$/
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

const load = async () => {
  // Has to be there before the other is.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  return { x509, subtle: x509.cryptoProvider.get().subtle }
}

type Loaded = Awaited<ReturnType<typeof load>>

/** An authority that signs itself, and may sign certificates but no other authorities. */
export const makeAuthority = async ({ name, fromMs, untilMs }: AuthorityOptions): Promise<CertifiedKey> => {
  const loaded = await load()
  const { x509, subtle } = loaded
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: distinguished(name), keys, signingAlgorithm: ALGORITHM },
    ...{ notBefore: new Date(fromMs), notAfter: new Date(untilMs) },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return certified(loaded, certificate.toString('pem'), keys.privateKey)
}

/** A certificate that the authority has signed. */
export const issueCertificate = async (
  authority: CertifiedKey,
  { name, use, hosts = [], fromMs, untilMs }: CertificateOptions,
): Promise<CertifiedKey> => {
  const loaded = await load()
  const { x509, subtle } = loaded
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const issuer = new x509.X509Certificate(authority.certificate)
  const pkcs8 = x509.PemConverter.decodeFirst(authority.key)
  const signingKey = await subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign'])
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage
  const alternatives = hosts.map((host) => ({
    type: IPV4.test(host) ? ('ip' as const) : ('dns' as const),
    value: host,
  }))
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject: distinguished(name), issuer: issuer.subject, publicKey: keys.publicKey },
    ...{ signingKey, signingAlgorithm: ALGORITHM },
    ...{ notBefore: new Date(fromMs), notAfter: new Date(untilMs) },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(use === 'server' ? [serverAuth, clientAuth] : [clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)]),
    ],
  })
  return certified(loaded, certificate.toString('pem'), keys.privateKey)
}

const distinguished = (name: string): string => {
  assert(NAME.test(name), 'the name of a certificate needs no escapes')
  return `CN=${name}`
}

type PrivateKey = Parameters<Loaded['subtle']['exportKey']>[1]

const certified = async ({ x509, subtle }: Loaded, certificate: string, key: PrivateKey): Promise<CertifiedKey> => ({
  certificate: `${certificate}\n`,
  key: `${x509.PemConverter.encode(await subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`,
})

/**
 * The names that the declarations of the certificates' library take for given, as browsers have them and Node has not.
 */
/* eslint-disable @typescript-eslint/consistent-type-imports -- With an import these would be names of a module. */
type Algorithm = import('node:crypto').webcrypto.Algorithm
type Crypto = import('node:crypto').webcrypto.Crypto
type CryptoKey = import('node:crypto').webcrypto.CryptoKey
type CryptoKeyPair = import('node:crypto').webcrypto.CryptoKeyPair

import {
  binary,
  concat,
  CosmicError,
  equal,
  fail,
  fromBase64url,
  ok,
  PKCS8_HEAD,
  type Result,
  SPKI_HEAD,
  toBase64url,
} from '../base/index'
import { readDer, type DerElement } from './der'
import { fromPem, toPem } from './pem'

/** An Ed25519 public key as a JSON Web Key (RFC 8037 section 2). */
export interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** The public key, base64url. */
  readonly x: string
}

/** An Ed25519 private key as a JSON Web Key. */
export interface PrivateJwk extends PublicJwk {
  /** The seed, base64url. */
  readonly d: string
}

/** What a private key can be written as: PKCS #8 (RFC 8410) in DER or PEM, or a JSON Web Key. */
export interface PrivateKeyFormats {
  readonly pkcs8: Uint8Array
  readonly pem: string
  readonly jwk: PrivateJwk
}

/** What a public key can be written as: SubjectPublicKeyInfo (RFC 8410) in DER or PEM, or a JSON Web Key. */
export interface PublicKeyFormats {
  readonly spki: Uint8Array
  readonly pem: string
  readonly jwk: PublicJwk
}

/** A private key as it was read: `publicKey` where the document names one. */
export interface ReadPrivateKey {
  readonly seed: Uint8Array
  readonly publicKey?: Uint8Array
}

/** Keys are below 200 bytes; what is longer is refused before it is decoded. */
const LONGEST = 4096
const KEY_LENGTH = 32

/** DER tags, and the two context-specific ones of OneAsymmetricKey (RFC 5958 section 2). */
const TAG = { integer: 2, bitString: 3, octetString: 4, sequence: 0x30, attributes: 0xa0, publicKey: 0x81 }
/** The content of an AlgorithmIdentifier: id-Ed25519, 1.3.101.112, without parameters (RFC 8410 section 3). */
const ED25519 = Uint8Array.of(6, 3, 0x2b, 0x65, 0x70)

/** `exportPublicKey`, loaded when it is needed. */
export function writePublicKey<F extends keyof PublicKeyFormats>(
  publicKey: Uint8Array,
  format: F,
): PublicKeyFormats[F] {
  if (binary(publicKey, 'publicKey').length !== KEY_LENGTH)
    throw new CosmicError({ code: 'wrong-length', limit: KEY_LENGTH })
  const spki = concat(SPKI_HEAD, publicKey)
  const written: { [K in keyof PublicKeyFormats]: () => PublicKeyFormats[K] } = {
    spki: () => spki,
    pem: () => toPem('PUBLIC KEY', spki),
    jwk: () => ({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) }),
  }
  return write(written, format)
}

/** `importPublicKey` likewise. */
export function readPublicKey(key: Uint8Array | string | PublicJwk): Result<Uint8Array> {
  const publicKey = readForm(key, 'PUBLIC KEY', fromSpki, jwk => keyBytes(jwk['x']))
  return publicKey === undefined
    ? fail({ code: 'bad-key-format', hint: 'an Ed25519 public key as SPKI in DER or PEM, or as a JWK' })
    : ok(publicKey)
}

/** `Signer.exportKey` by its parts. */
export function writePrivateKey<F extends keyof PrivateKeyFormats>(
  { seed, publicKey }: Required<ReadPrivateKey>,
  format: F,
): PrivateKeyFormats[F] {
  const pkcs8 = concat(PKCS8_HEAD, seed)
  const written: { [K in keyof PrivateKeyFormats]: () => PrivateKeyFormats[K] } = {
    pkcs8: () => pkcs8,
    pem: () => toPem('PRIVATE KEY', pkcs8),
    jwk: () => ({ ...writePublicKey(publicKey, 'jwk'), d: toBase64url(seed) }),
  }
  return write(written, format)
}

/** Reads what `Signer.importKey` takes. The failure says nothing about the content, which is a secret. */
export function readPrivateKey(key: Uint8Array | string | PrivateJwk): Result<ReadPrivateKey> {
  const read = readForm(key, 'PRIVATE KEY', fromPkcs8, fromPrivateJwk)
  return read === undefined
    ? fail({ code: 'bad-key-format', hint: 'an Ed25519 private key as PKCS #8 in DER or PEM, or as a JWK' })
    : ok(read)
}

function write<F extends object, K extends keyof F>(writers: { [P in keyof F]: () => F[P] }, format: K): F[K] {
  if (typeof format === 'string' && Object.hasOwn(writers, format)) return writers[format]()
  throw new CosmicError({ code: 'bad-value', field: 'format', hint: Object.keys(writers).join(', ') })
}

function readForm<T>(
  key: unknown,
  label: string,
  fromDer: (der: Uint8Array) => T | undefined,
  fromJwk: (jwk: Record<string, unknown>) => T | undefined,
): T | undefined {
  if (typeof key === 'string') {
    const der = key.length > LONGEST ? undefined : fromPem(label, key)
    return der && fromDer(der)
  }
  if (key instanceof Uint8Array) return key.length > LONGEST ? undefined : fromDer(key)
  if (typeof key !== 'object' || key === null) return undefined
  const jwk = key as Record<string, unknown>
  return jwk['kty'] === 'OKP' && jwk['crv'] === 'Ed25519' ? fromJwk(jwk) : undefined
}

function fromSpki(der: Uint8Array): Uint8Array | undefined {
  const [algorithm, key, ...rest] = sequence(der)
  const isKey = isEd25519(algorithm) && key?.tag === TAG.bitString && rest.length === 0
  return isKey ? bitStringKey(key.content) : undefined
}

/** OneAsymmetricKey: version 0, or 1 with the public key, and attributes, which are passed over, in either. */
function fromPkcs8(der: Uint8Array): ReadPrivateKey | undefined {
  const [version, algorithm, key, ...rest] = sequence(der)
  const number = version?.tag === TAG.integer && version.content.length === 1 ? version.content[0]! : undefined
  if (number === undefined || number > 1 || !isEd25519(algorithm) || key?.tag !== TAG.octetString) return undefined
  const [inner, ...more] = readDer(key.content) ?? []
  const isSeed = inner?.tag === TAG.octetString && inner.content.length === KEY_LENGTH && more.length === 0
  if (!isSeed) return undefined
  if (rest[0]?.tag === TAG.attributes) rest.shift()
  const seed = inner.content.slice()
  if (rest.length === 0) return { seed }
  const publicKey = bitStringKey(rest[0]!.content)
  const isNamed = rest.length === 1 && rest[0]!.tag === TAG.publicKey && number === 1
  return isNamed && publicKey ? { seed, publicKey } : undefined
}

function fromPrivateJwk(jwk: Record<string, unknown>): ReadPrivateKey | undefined {
  const [seed, publicKey] = [keyBytes(jwk['d']), keyBytes(jwk['x'])]
  return seed && publicKey && { seed, publicKey }
}

function keyBytes(text: unknown): Uint8Array | undefined {
  const bytes = typeof text === 'string' && text.length <= 64 ? fromBase64url(text) : undefined
  return bytes?.length === KEY_LENGTH ? bytes : undefined
}

/** A bit string without unused bits. */
function bitStringKey(content: Uint8Array): Uint8Array | undefined {
  return content.length === KEY_LENGTH + 1 && content[0] === 0 ? content.slice(1) : undefined
}

function isEd25519(algorithm: DerElement | undefined): boolean {
  return algorithm?.tag === TAG.sequence && equal(algorithm.content, ED25519)
}

/** The elements of the one sequence that fills the bytes; none where they are anything else. */
function sequence(der: Uint8Array): DerElement[] {
  const [outer, ...rest] = readDer(der) ?? []
  return outer?.tag === TAG.sequence && rest.length === 0 ? [...(readDer(outer.content) ?? [])] : []
}

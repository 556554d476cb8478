import { CosmicError, equal, having, record, text, utf8 } from '../../../base/index'
import { didKey, Signer, verifySignature, type SigningIdentity } from '../../../signer/index'
import { openDatabase } from './database'
import { indexedDbKeyStore } from './key-store'

const KEY = 'pair'
const ALGORITHM = { name: 'Ed25519' }

/** An identity that IndexedDB keeps. */
export interface KeptIdentity extends SigningIdentity {
  /** `false`: no script can read the private key. `true`: the browser has no Ed25519, and a seed is kept as by a key store. */
  readonly extractable: boolean
}

/** Where the identity is kept, and which one. */
export interface IndexedDbIdentityOptions {
  /** The database, which must not be that of an `indexedDbKeyStore`; default `cosmic-embeddings-key`. */
  readonly name?: string
  /**
   * Kept when the database is empty, in place of a new identity: such as one from a recovery phrase, since a key that cannot
   * be read cannot be backed up.
   */
  readonly from?: Signer
}

const readOptions = record<IndexedDbIdentityOptions>({ name: text, from: having<Signer>('a Signer', 'exportKey') })

interface Pair {
  readonly publicKey: Uint8Array
  readonly privateKey: CryptoKey
}

/**
 * The identity of this origin, made on the first call and the same ever after, whose private key the browser itself keeps
 * from every script: a page that is taken over can sign while it is open, and cannot carry the key away. It is signed with
 * WebCrypto. Where that has no Ed25519 (or no secure context) the seed is kept as by `indexedDbKeyStore`, and `extractable`
 * is `true`.
 *
 * Rejects `identity-exists` when `from` is another identity than the one kept, `damaged-key` when what is kept does not sign,
 * `storage` when the browser refuses.
 *
 * @example
 * ```ts
 * import { SyncClient } from 'cosmic-embeddings'
 * import { indexedDbIdentity } from 'cosmic-embeddings/keystore/indexeddb'
 *
 * const client = new SyncClient({ signer: await indexedDbIdentity() })
 * ```
 */
export async function indexedDbIdentity(options: IndexedDbIdentityOptions = {}): Promise<KeptIdentity> {
  const { name = 'cosmic-embeddings-key', from } = readOptions(options, '')
  const database = openDatabase(name)
  let kept = await database.get(KEY)
  if (kept === undefined) {
    const made = await makePair(from)
    if (made === undefined) return keepSeed(name, from)
    await database.update(KEY, before => (kept = before ?? made))
  }
  if (!isPair(kept) || !(await signs(kept))) {
    throw new CosmicError({ code: 'damaged-key', field: name, hint: 'what the database holds does not sign' })
  }
  return identityOf(kept, from, name)
}

/** A key pair whose private half cannot be exported, or `undefined` where WebCrypto cannot make one that signs. */
async function makePair(from: Signer | undefined): Promise<Pair | undefined> {
  try {
    const pair = from === undefined ? await generatePair() : await importPair(from)
    return (await signs(pair)) ? pair : undefined
  } catch {
    return undefined
  }
}

async function generatePair(): Promise<Pair> {
  const pair = (await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])) as CryptoKeyPair
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
    privateKey: pair.privateKey,
  }
}

async function importPair(from: Signer): Promise<Pair> {
  const pkcs8 = (await from.exportKey('pkcs8')) as Uint8Array<ArrayBuffer>
  return {
    publicKey: from.publicKey.slice(),
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
  }
}

function isPair(value: unknown): value is Pair {
  const { publicKey, privateKey } = (value ?? {}) as Partial<Pair>
  return publicKey instanceof Uint8Array && privateKey instanceof CryptoKey
}

/** A probe that can be no Sig_structure of a block: a runtime that offers the algorithm must also do it. */
async function signs(pair: Pair): Promise<boolean> {
  const probe = utf8('self-test')
  const signature = await signWith(pair, probe).catch(() => undefined)
  return signature !== undefined && verifySignature(pair.publicKey, probe, signature)
}

async function signWith({ privateKey }: Pair, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, message as Uint8Array<ArrayBuffer>))
}

function identityOf(pair: Pair, from: Signer | undefined, name: string): KeptIdentity {
  if (from !== undefined && !equal(from.publicKey, pair.publicKey)) {
    throw new CosmicError({ code: 'identity-exists', field: name, hint: 'the database holds another identity' })
  }
  return {
    publicKey: pair.publicKey,
    did: didKey(pair.publicKey),
    extractable: pair.privateKey.extractable,
    sign: message => signWith(pair, message),
  }
}

async function keepSeed(name: string, from: Signer | undefined): Promise<KeptIdentity> {
  const keyStore = indexedDbKeyStore(name)
  await from?.save(keyStore)
  const signer = await Signer.loadOrGenerate(keyStore)
  return {
    publicKey: signer.publicKey,
    did: signer.did,
    extractable: true,
    sign: message => signer.sign(message),
  }
}

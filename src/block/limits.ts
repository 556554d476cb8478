/** The bounds of the format (docs/spec/block.md, "Limits"). They never shrink within a version. */
export const LIMITS = {
  /** Bytes of an envelope. */
  envelope: 262_144,
  /** Containers around one item of the payload, itself included. */
  depth: 8,
  /** Items of the payload, containers and members alike: what is small in bytes must stay small in memory. */
  items: 4096,
  /** 2100-01-01T00:00:00Z in milliseconds. */
  time: 4_102_444_800_000,
  dims: 8192,
  tags: 64,
  tagBytes: 128,
  links: 256,
  supersedes: 256,
  extensions: 64,
  /** Bytes of names: kinds, input types, relations, profiles, bodies. */
  name: 64,
  modelId: 256,
  originBytes: 2048,
  contentBytes: 131_072,
  /** Metres above the ellipsoid, and the longest distance on it. */
  lowest: -500,
  highest: 10_000,
  accuracy: 20_038_000,
  bodies: 128,
  sights: 64,
  /** Milliseconds between a sight and its block: a day. */
  sightDistance: 86_400_000,
  /** Parts of one translator's matrix. */
  parts: 4096,
  /** Wraps of one content key, and encryption keys of one profile. */
  recipients: 256,
  encryptionKeys: 16,
  /** Leaves of a witnessed batch. */
  batch: 2 ** 30,
  /** Bytes of a proof of an outside standard. */
  proofBytes: 65_536,
  /** Devices that one profile names. */
  devices: 32,
  /** An i8 scale beyond this could reach infinity. */
  scale: 2 ** 120,
} as const

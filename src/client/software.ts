/** What this library calls itself in the sync hello: name/version, the version of package.json (a test holds them together). */
export const SOFTWARE = 'cosmic-embeddings/0.1.0'

// Loaded with the first block that is sealed or opened.
export { seal, wrapKey } from './seal'
export { contentKeyOf, unseal } from './unseal'

export { readRetention } from './retention-policy'
export { Retention, type RetentionParts } from './retention'

import { loadOnce } from '../../base/index'

/** Not needed before blocks can be stored. */
export const loadRetention = loadOnce(() => import('./index'))

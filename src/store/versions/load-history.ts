import { loadOnce } from '../../base/index'

/** Loaded with the first history that is asked for. */
export const loadHistory = loadOnce(() => import('./read-history'))

import { loadOnce } from '../../base/index'

/** Loaded with the first history that is asked for. */
export const loadHistory = /* @__PURE__ */ loadOnce(() => import('./read-history'))

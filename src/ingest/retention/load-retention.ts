import { loadOnce } from '../../base/index'

/** Not needed before blocks can be stored. */
export const loadRetention = /* @__PURE__ */ loadOnce(() => import('./index'))

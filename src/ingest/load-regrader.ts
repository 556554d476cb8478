import { loadOnce } from '../base/index'

/** Not needed before blocks can be stored. */
export const loadRegrader = /* @__PURE__ */ loadOnce(() => import('./regrader'))

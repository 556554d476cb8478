import { loadOnce } from '../base/index'

export const loadOnDemand = /* @__PURE__ */ loadOnce(() => import('./on-demand'))

import { loadOnce } from '../base/index'

export const loadStatus = /* @__PURE__ */ loadOnce(() => import('./client-status'))

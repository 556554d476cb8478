import { loadOnce } from '../base/index'

/** What speaks to peers: sessions, reconciliation, the secure channel. Whoever works alone never loads it. */
export const loadNetwork = /* @__PURE__ */ loadOnce(() => import('./open-network'))

/** The most that one put may hold. */
export const MAX_PUT_BLOCKS = 10_000
export const MAX_PUT_BYTES = 64 * 1024 * 1024

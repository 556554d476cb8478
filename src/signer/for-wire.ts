// What the secure channel alone needs: its own door, since what the index names weighs on every bundle.
export { x25519 } from './x25519'

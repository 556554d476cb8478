/** A body's name as people write it: `Rigil Kentaurus`. */
export function displayName(name: string): string {
  return name.replace(/(^|[ -])([a-z])/g, (_, gap: string, letter: string) => gap + letter.toUpperCase())
}

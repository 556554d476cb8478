/** Control, format, unassigned and private characters, lone surrogates, line and paragraph separators; joiners belong to scripts and emoji. */
const UNSEEN = /(?![\n\t\u200c\u200d])[\p{C}\u2028\u2029]/gu
const LONGEST = 600

/** Text of strangers as it may be shown: what would be invisible, or reorder the line, is written as its code point; the rest is cut. */
export function plain(text: string): string {
  const shown = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`
  return shown.replace(UNSEEN, unseen => `⟨U+${unseen.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`)
}

/** A did:key for the eye: its last characters. All keys of one kind begin alike. */
export function shortName(did: string): string {
  return `…${did.slice(-8)}`
}

export function size(bytes: number): string {
  return bytes < 1_000
    ? `${bytes} B`
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(1)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

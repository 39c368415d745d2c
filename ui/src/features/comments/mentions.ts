/** Somebody who can be mentioned. */
export interface Mentionable {
  id: string
  name: string
}

/** What is being typed after an @ at the end of a text, or null. */
export function mentionAt(text: string): string | null {
  return /(?:^|\s)@([\p{L}\p{N}.'’-]*(?: [\p{L}\p{N}.'’-]*)?)$/u.exec(text)?.[1] ?? null
}

/** People whose name has a word that starts with what is typed, the best first. */
export function suggest<T extends Mentionable>(people: readonly T[], typed: string): T[] {
  const wanted = typed.trim().toLowerCase()
  const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : name.toLowerCase().split(' ').some((word) => word.startsWith(wanted)) ? 1 : 2)
  return people.filter(({ name }) => rank(name) < 2).sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name))
}

/** The text with the mention at its end completed. */
export function complete(text: string, name: string): string {
  return text.replace(/@[^@]*$/u, `@${name} `)
}

/** Whom a text means: everybody whose whole name stands after an @. */
export function mentioned<T extends Mentionable>(people: readonly T[], text: string): T[] {
  // A longer name takes its words from a shorter one that it begins with.
  let left = text
  return [...people].sort((a, b) => b.name.length - a.name.length).filter(({ name }) => {
    if (!left.includes(`@${name}`)) return false
    left = left.replaceAll(`@${name}`, ' ')
    return true
  })
}

/** A text in pieces, those that name somebody apart. */
export function pieces(text: string, people: readonly Mentionable[]): { text: string; mention: boolean }[] {
  const names = people.map(({ name }) => `@${name}`).sort((a, b) => b.length - a.length)
  if (names.length === 0) return [{ text, mention: false }]
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text.split(new RegExp(`(${escaped.join('|')})`)).filter(Boolean).map((piece) => ({ text: piece, mention: names.includes(piece) }))
}

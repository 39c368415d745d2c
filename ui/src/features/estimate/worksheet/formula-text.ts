/** The name being typed at the caret, and where it starts. */
export function wordAt(text: string, caret: number): { word: string; start: number } {
  const before = /[A-Za-z_][A-Za-z0-9_.]*$/.exec(text.slice(0, caret))
  return before ? { word: before[0], start: caret - before[0].length } : { word: '', start: caret }
}

/** The text with the word at the caret replaced, and where the caret goes. */
export function complete(text: string, caret: number, name: string, isFunction: boolean): { text: string; caret: number } {
  const { start } = wordAt(text, caret)
  const rest = text.slice(caret).replace(/^[A-Za-z0-9_.]*/, '')
  const inserted = isFunction && !rest.startsWith('(') ? `${name}(` : name
  return { text: text.slice(0, start) + inserted + rest, caret: start + inserted.length }
}

export function isFormula(text: string): boolean {
  return /[A-Za-z_+*/()<>=]/.test(text) || /\d\s*-/.test(text)
}

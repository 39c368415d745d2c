/** The whole number a form control holds: an index, a count, a number of days. Never a figure of
 * money or quantity: those stay decimal strings. NaN where the text is no whole number. */
export function whole(text: string): number {
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN
}

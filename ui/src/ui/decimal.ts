/**
 * Decimal strings as the server sends them ("6148.34"): parsing, comparing and en-NZ formatting on
 * scaled BigInt. Binary floating point never touches money, rates or quantities.
 */

interface Scaled {
  /** The number times 10^scale. */
  units: bigint
  /** Decimals carried, 0 or more. */
  scale: number
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/

function scaled(text: string): Scaled | null {
  const match = DECIMAL.exec(text.trim())
  if (!match) return null
  const whole = match[2] ?? ''
  const fraction = match[3] ?? ''
  if (whole === '' && fraction === '') return null
  const units = BigInt(`${whole || '0'}${fraction}`)
  return { units: match[1] === '-' ? -units : units, scale: fraction.length }
}

function align(a: Scaled, b: Scaled): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale), scale]
}

function text({ units, scale }: Scaled): string {
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = scale > 0 ? `.${digits.slice(digits.length - scale)}` : ''
  return `${negative ? '-' : ''}${whole}${fraction}`
}

/** Half away from zero, as the server rounds (R0). */
function roundTo(value: Scaled, scale: number): Scaled {
  if (value.scale <= scale) return { units: value.units * 10n ** BigInt(scale - value.scale), scale }
  const divisor = 10n ** BigInt(value.scale - scale)
  const negative = value.units < 0n
  const units = negative ? -value.units : value.units
  const rounded = (units + divisor / 2n) / divisor
  return { units: negative ? -rounded : rounded, scale }
}

function grouped(decimalText: string): string {
  const negative = decimalText.startsWith('-')
  const [whole = '0', fraction] = (negative ? decimalText.slice(1) : decimalText).split('.')
  const body = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${negative ? '-' : ''}${body}${fraction === undefined ? '' : `.${fraction}`}`
}

function trimmed(decimalText: string, least: number): string {
  const dot = decimalText.indexOf('.')
  if (dot < 0) return least > 0 ? `${decimalText}.${'0'.repeat(least)}` : decimalText
  let end = decimalText.length
  while (end > dot + 1 + least && decimalText[end - 1] === '0') end -= 1
  return decimalText.slice(0, end === dot + 1 ? dot : end)
}

/** True when the text is a plain decimal number. */
export function isDecimal(value: string): boolean {
  return scaled(value) !== null
}

/** -1, 0 or 1. Text that is no number sorts before every number. */
export function compareDecimal(a: string, b: string): -1 | 0 | 1 {
  const left = scaled(a)
  const right = scaled(b)
  if (!left || !right) return left ? 1 : right ? -1 : 0
  const [x, y] = align(left, right)
  return x < y ? -1 : x > y ? 1 : 0
}

/** The exact sum, carrying the longer fraction of the two. */
export function addDecimal(a: string, b: string): string {
  const left = scaled(a)
  const right = scaled(b)
  if (!left) return right ? text(right) : '0'
  if (!right) return text(left)
  const [x, y, scale] = align(left, right)
  return text({ units: x + y, scale })
}

/** The exact difference `a - b`. */
export function subtractDecimal(a: string, b: string): string {
  return addDecimal(a, b.trim().startsWith('-') ? b.trim().slice(1) : `-${b.trim().replace(/^\+/, '')}`)
}

/** Quantity times rate in whole cents, half away from zero (R3). Null when either is no number. */
export function multiplyToCents(quantity: string, rate: string): string | null {
  const q = scaled(quantity)
  const r = scaled(rate)
  return q && r ? text(roundTo({ units: q.units * r.units, scale: q.scale + r.scale }, 2)) : null
}

export function isZeroDecimal(value: string | null | undefined): boolean {
  if (value == null) return true
  const parsed = scaled(value)
  return parsed === null || parsed.units === 0n
}

export function isNegativeDecimal(value: string): boolean {
  const parsed = scaled(value)
  return parsed !== null && parsed.units < 0n
}

/** Share of `part` in `whole`, in percent with two decimals, for drawing bars only. 0 when `whole` is not positive. */
export function shareOf(part: string, whole: string): number {
  const p = scaled(part)
  const w = scaled(whole)
  if (!p || !w || w.units <= 0n || p.units <= 0n) return 0
  const [x, y] = align(p, w)
  return Math.min(100, Number((x * 10000n) / y) / 100)
}

/** How many of `parts` equal parts of `whole` cents `part` takes, for drawing only. */
export function partsOf(part: bigint, whole: bigint, parts: bigint): number {
  return Number((part * parts) / whole)
}

/** "6148.34" -> "6,148.34": thousands separated, always two decimals. */
export function formatMoney(value: string | null | undefined): string {
  if (value == null) return ''
  const parsed = scaled(value)
  return parsed ? grouped(text(roundTo(parsed, 2))) : value
}

/** The amounts in a sentence of the server with their thousands separated: "a plug of 18500.00" -> "a plug of 18,500.00". */
export function groupAmounts(sentence: string): string {
  return sentence.replace(/(?<![\d.,])\d{4,}\.\d{2,6}(?!\d|\.\d)/g, grouped)
}

/** "1475900.40" -> "1,475,900": whole dollars, for tight places; the full figure belongs in a tooltip. */
export function formatMoneyWhole(value: string | null | undefined): string {
  if (value == null) return ''
  const parsed = scaled(value)
  return parsed ? grouped(text(roundTo(parsed, 0))) : value
}

/** "7985.2000" -> "7,985.20", "3.1520" -> "3.1520": two decimals, or four where two do not tell it. */
export function formatRate(value: string | null | undefined): string {
  if (value == null) return ''
  const parsed = scaled(value)
  if (!parsed) return value
  const four = text(roundTo(parsed, 4))
  return grouped(four.endsWith('00') ? four.slice(0, -2) : four)
}

/** "2400.0000" -> "2,400", "96.5000" -> "96.5": trailing zeros dropped, at most `decimals` (4). */
export function formatQuantity(value: string | null | undefined, decimals = 4): string {
  if (value == null) return ''
  const parsed = scaled(value)
  return parsed ? grouped(trimmed(text(roundTo(parsed, decimals)), 0)) : value
}

/** "6.5000" -> "6.5 %". */
export function formatPercent(value: string | null | undefined): string {
  return value == null || value === '' ? '' : `${formatQuantity(value)} %`
}

/** The value as a person would type it to edit: no separators, no trailing zeros. */
export function editableDecimal(value: string | null | undefined): string {
  if (value == null) return ''
  const parsed = scaled(value)
  return parsed ? trimmed(text(parsed), 0) : value
}

/**
 * What a person typed or pasted, as a decimal string: drops a currency sign, spaces and thousands
 * commas and reads "(12.50)" as negative. Null when it is no number.
 */
export function readDecimal(input: string): string | null {
  let body = input.trim().replace(/[\s\u00a0$]/g, '').replace(/^NZD/i, '').replace(/\u2212/g, '-')
  let negative = false
  if (/^\(.*\)$/.test(body)) {
    negative = true
    body = body.slice(1, -1)
  }
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(body)) body = body.replace(/,/g, '')
  const parsed = scaled(body)
  if (!parsed) return null
  return text(negative ? { units: -parsed.units, scale: parsed.scale } : parsed)
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../app.css', import.meta.url), 'utf8')

function tokens(block: string): Record<string, string> {
  return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b/g)].map((match) => [match[1], match[2]]))
}
const light = tokens(/:root \{([^}]*)\}/.exec(css)?.[1] ?? '')
const dark = tokens(/:root\[data-theme='dark'\] \{([^}]*)\}/.exec(css)?.[1] ?? '')
const system = tokens(/:root:not\(\[data-theme='light'\]\) \{([^}]*)\}/.exec(css)?.[1] ?? '')

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((one, two) => two - one) as [number, number]
  return (x + 0.05) / (y + 0.05)
}

const TEXT: [string, string[]][] = [
  ['ink', ['bg', 'pane', 'raise', 'acc2', 'line2']],
  ['ink2', ['bg', 'pane', 'raise', 'acc2', 'line2']],
  ['ink3', ['bg', 'pane', 'raise', 'acc2', 'line2']],
  ['acc', ['bg', 'pane', 'raise', 'acc2']],
  ['acc-ink', ['acc', 'acc-hover']],
  ['warn', ['pane', 'warn2']],
  ['bad', ['pane', 'raise', 'bad2']],
  ['good', ['pane', 'good2']],
]
const MARKS = ['edge', 'lab', 'pla', 'mat', 'sub', 'oth']

describe.each([['light', light], ['dark', dark]])('the %s theme', (_name, theme) => {
  it.each(TEXT)('keeps text in %s at 4.5:1 or better', (ink, papers) => {
    for (const paper of papers) expect(contrast(theme[ink] ?? '', theme[paper] ?? ''), `${ink} on ${paper}`).toBeGreaterThanOrEqual(4.5)
  })
  it.each(MARKS)('keeps marks in %s at 3:1 or better', (mark) => {
    expect(contrast(theme[mark] ?? '', theme.pane ?? '')).toBeGreaterThanOrEqual(3)
  })
})

it('gives the system and the chosen dark theme the same colours', () => {
  expect(system).toEqual(dark)
})

import { describe, expect, it } from 'vitest'
import { readTsv, writeTsv } from './tsv'

describe('tab-separated text', () => {
  it('reads rows and cells, with or without the last newline', () => {
    expect(readTsv('a\tb\r\nc\td\r\n')).toEqual([['a', 'b'], ['c', 'd']])
    expect(readTsv('a')).toEqual([['a']])
    expect(readTsv('')).toEqual([])
  })
  it('reads quoted cells with tabs, newlines and quotes', () => {
    expect(readTsv('"a\tb"\t"c\n""d"""\ne\tf')).toEqual([['a\tb', 'c\n"d"'], ['e', 'f']])
  })
  it('leaves a quote inside a cell alone', () => {
    expect(readTsv('300 mm 12" pipe\t1')).toEqual([['300 mm 12" pipe', '1']])
  })
  it('keeps empty cells', () => {
    expect(readTsv('\tb\t\n\t\t')).toEqual([['', 'b', ''], ['', '', '']])
  })
  it('survives a round trip', () => {
    const rows = [['plain', 'tab\there', 'line\nbreak', '"quoted"'], ['', '12" pipe', 'x', '']]
    expect(readTsv(writeTsv(rows))).toEqual(rows)
  })
})

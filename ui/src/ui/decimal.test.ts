import { describe, expect, it } from 'vitest'
import {
  addDecimal, compareDecimal, editableDecimal, formatMoney, formatMoneyWhole, formatPercent, formatQuantity, formatRate, groupAmounts,
  isDecimal, isZeroDecimal, readDecimal, shareOf, subtractDecimal,
} from './decimal'

describe('formatting', () => {
  it('separates thousands of amounts in sentences, and leaves codes and years alone', () => {
    expect(groupAmounts('1.02 rests on a plug of 18500.00: accept it.')).toBe('1.02 rests on a plug of 18,500.00: accept it.')
    expect(groupAmounts('2.03 sells at 21240.00, below its cost of 22363.7800.')).toBe('2.03 sells at 21,240.00, below its cost of 22,363.7800.')
    expect(groupAmounts('Notice 2 of 2026-11-20, code 10500.1.02')).toBe('Notice 2 of 2026-11-20, code 10500.1.02')
  })
  it('shows money with thousands separators and two decimals', () => {
    expect(formatMoney('6148.34')).toBe('6,148.34')
    expect(formatMoney('-1234567.80')).toBe('-1,234,567.80')
    expect(formatMoney('18500')).toBe('18,500.00')
    expect(formatMoney('-481.73')).toBe('-481.73')
    expect(formatMoney(null)).toBe('')
  })
  it('keeps figures beyond the reach of a double exact', () => {
    expect(formatMoney('9007199254740993.01')).toBe('9,007,199,254,740,993.01')
  })
  it('trims a rate to two decimals at least and four at most', () => {
    expect(formatRate('7.2333')).toBe('7.2333')
    expect(formatRate('7985.2000')).toBe('7,985.20')
    expect(formatRate('11.5')).toBe('11.50')
    expect(formatRate('3.152')).toBe('3.1520')
    expect(formatRate('1.00005')).toBe('1.0001')
  })
  it('drops the trailing zeros of a quantity', () => {
    expect(formatQuantity('2400.0000')).toBe('2,400')
    expect(formatQuantity('96.5000')).toBe('96.5')
    expect(formatQuantity('281.124498')).toBe('281.1245')
    expect(formatQuantity('281.124498', 6)).toBe('281.124498')
    expect(formatQuantity('0.0000')).toBe('0')
  })
  it('rounds half away from zero', () => {
    expect(formatMoneyWhole('0.50')).toBe('1')
    expect(formatMoneyWhole('-0.50')).toBe('-1')
    expect(formatMoneyWhole('1475900.40')).toBe('1,475,900')
  })
  it('shows a percentage with its sign', () => {
    expect(formatPercent('6.5000')).toBe('6.5 %')
  })
  it('leaves what is no number as it is', () => {
    expect(formatMoney('n/a')).toBe('n/a')
  })
})

describe('arithmetic', () => {
  it('adds and subtracts exactly', () => {
    expect(addDecimal('0.1', '0.2')).toBe('0.3')
    expect(addDecimal('32115.13', '-481.73')).toBe('31633.40')
    expect(subtractDecimal('1.00', '-0.25')).toBe('1.25')
    expect(subtractDecimal('1.00', '1.25')).toBe('-0.25')
  })
  it('compares across scales', () => {
    expect(compareDecimal('1.0', '1.0000')).toBe(0)
    expect(compareDecimal('-2', '1')).toBe(-1)
    expect(compareDecimal('10', '9.99')).toBe(1)
    expect(compareDecimal('x', '1')).toBe(-1)
  })
  it('tells zero and numbers', () => {
    expect(isZeroDecimal('0.00')).toBe(true)
    expect(isZeroDecimal('0.01')).toBe(false)
    expect(isDecimal('.5')).toBe(true)
    expect(isDecimal('')).toBe(false)
    expect(isDecimal('1e3')).toBe(false)
  })
  it('gives a share for drawing', () => {
    expect(shareOf('25.00', '100')).toBe(25)
    expect(shareOf('-25.00', '100')).toBe(0)
    expect(shareOf('1', '0')).toBe(0)
  })
})

describe('reading what people type', () => {
  it('accepts separators, currency and brackets', () => {
    expect(readDecimal('$1,234.50')).toBe('1234.50')
    expect(readDecimal(' 2 400 ')).toBe('2400')
    expect(readDecimal('(12.50)')).toBe('-12.50')
    expect(readDecimal('\u22123')).toBe('-3')
  })
  it('refuses what is not a number', () => {
    expect(readDecimal('1,2')).toBeNull()
    expect(readDecimal('12 m')).toBeNull()
    expect(readDecimal('')).toBeNull()
  })
  it('offers the plain text for editing', () => {
    expect(editableDecimal('2400.0000')).toBe('2400')
    expect(editableDecimal('7.2333')).toBe('7.2333')
  })
})

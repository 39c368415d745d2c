import { expect, it } from 'vitest'
import type { Tender, TenderValue } from '~/api/types'
import { sumWorth } from './worth'

const tender = (id: string, probabilityPct?: number) => ({ id, probabilityPct }) as Tender
const value = (tenderId: string, totalEx?: string): [string, TenderValue] => [tenderId, { tenderId, estimateId: tenderId, cost: '0.00', ...(totalEx ? { totalEx } : {}) }]

it('adds prices up and weighs them by their chance, to the cent', () => {
  const worth = new Map([value('a', '491469.78'), value('b', '100.05'), value('c')])
  expect(sumWorth([tender('a', 100), tender('b', 5), tender('c', 50)], worth)).toEqual({ total: '491569.83', weighted: '491474.78' })
  expect(sumWorth([tender('a'), tender('d', 90)], worth)).toEqual({ total: '491469.78', weighted: '0.00' })
})

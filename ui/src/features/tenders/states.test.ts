import { describe, expect, it } from 'vitest'
import type { EstimateSummary } from '~/api/types'
import { whyKept } from './states'

const estimate = (submittedTotalEx: string | null): EstimateSummary => ({ id: 'e', tenderId: 't', code: 'BASE', name: 'Weir', revision: 1, state: 'archived', submittedTotalEx })

describe('a tender', () => {
  it('is kept once any of its estimates was sent to the client', () => {
    expect(whyKept({ estimates: [] })).toBeUndefined()
    expect(whyKept({ estimates: [estimate(null)] })).toBeUndefined()
    expect(whyKept({ estimates: [estimate(null), estimate('1000.00')] })).toContain('BR-008')
  })
})

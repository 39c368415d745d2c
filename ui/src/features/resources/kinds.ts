import type { PriceBookKind } from '~/api/types'

export const KIND_NAMES: Record<PriceBookKind, string> = { internal: 'Internal rates', supplier: 'Supplier list', project: 'Project rates', award: 'Awarded rates' }

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Row, RowPrice } from '~/api/types'
import type { Column, GridRowData } from '../columns'
import { type EstimateSession, pricesQuery } from './session'

/** Rows with their price, made once: a row that stays the same is not painted again. */
const made = new WeakMap<Row, GridRowData>()

/** The row with what it sells for. */
export function withPrice(row: Row, sell: RowPrice | undefined): GridRowData {
  if (!sell) return row
  const before = made.get(row)
  if (before && before.sell === sell) return before
  const full: GridRowData = { ...row, sell }
  made.set(row, full)
  return full
}

const NOTHING: ReadonlyMap<string, RowPrice> = new Map()

/** Keeps the prices of the rows on screen while a column shows them. */
export function useSellPrices(session: EstimateSession, columns: readonly Column[], rows: readonly (Row | undefined)[]): void {
  const wanted = columns.some((column) => column.id === 'sellRate' || column.id === 'sell')
  const ids = wanted ? [...new Set(rows.flatMap((row) => (row ? [row.id] : [])))].sort() : []
  const { data } = useQuery({ ...pricesQuery(session.estimateId, ids, session.asOf), enabled: ids.length > 0, placeholderData: keepPreviousData })
  const told = wanted ? data : undefined
  useEffect(() => {
    session.setPrices(told ? new Map(told.rows.map((row) => [row.id, row])) : NOTHING)
  }, [session, told])
}

import { expect, it } from 'vitest'
import type { Row } from '~/api/types'
import { item } from '~/test/rows'
import type { EstimateSession } from './model/session'
import { Workspace } from './workspace'

/** A workspace over these rows. */
function over(rows: Row[]) {
  const session = {
    cachedRow: (index: number) => rows[index], indexOf: (id: string) => rows.findIndex((row) => row.id === id), together: { at: () => {} },
  } as unknown as EstimateSession
  const workspace = new Workspace(session)
  let told = 0
  workspace.subscribe(() => { told += 1 })
  return { workspace, rows, told: () => told }
}

it('comes to rest where there are no rows, and tells nobody again and again', () => {
  const { workspace, rows, told } = over([item('a'), item('b')])
  workspace.set({ total: 2 })
  workspace.follow()
  expect(workspace.activeId).toBe('a')
  rows.length = 0
  workspace.set({ total: 0 })
  workspace.follow()
  expect(workspace.activeId).toBeNull()
  const before = told()
  workspace.follow()
  workspace.follow()
  expect(told()).toBe(before)
  rows.push(item('c'))
  workspace.set({ total: 1 })
  workspace.follow()
  expect(workspace.activeId).toBe('c')
})

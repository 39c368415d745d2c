import { expect, it } from 'vitest'
import { heading, item } from '~/test/rows'
import { replaceIn } from './replace'

it('replaces text wherever it occurs, literally', () => {
  expect(replaceIn(item('a', { description: 'AP40 (AP40)' }), 'description', 'ap40', 'AP65', false)?.after).toBe('AP65 (AP65)')
  expect(replaceIn(item('a', { description: 'AP40' }), 'description', 'ap40', 'AP65', true)).toBeNull()
  expect(replaceIn(item('a', { description: '1.5 m (deep)' }), 'description', '(deep)', '$& net', false)?.after).toBe('1.5 m $& net')
})
it('replaces units whole', () => {
  expect(replaceIn(item('a', { unit: 'm' }), 'unit', 'm', 'm2', false)?.set).toEqual({ unit: 'm2' })
  expect(replaceIn(item('a', { unit: 'm3' }), 'unit', 'm', 'm2', false)).toBeNull()
  expect(replaceIn(heading('h'), 'unit', 'm', 'm2', false)).toBeNull()
})
it('names a heading’s words a name', () => {
  expect(replaceIn(heading('h', { description: 'Earthworks' }), 'description', 'Earth', 'Site', false)?.set).toEqual({ name: 'Siteworks' })
})

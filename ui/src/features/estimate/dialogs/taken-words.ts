import type { ProgrammeTaken } from '~/api/types'
import { count } from '~/ui/words'

/** "12 durations came, 3 changed." */
export function takenWords({ added, changed, removed, fixed }: Pick<ProgrammeTaken, 'added' | 'changed' | 'removed' | 'fixed'>): string {
  const parts = [added > 0 && `${count(added, 'duration')} came`, changed > 0 && `${changed} changed`, removed > 0 && `${removed} went with their tasks`, fixed > 0 && `${fixed} kept without a task`].filter(Boolean)
  return parts.length > 0 ? `${parts.join(', ')}.` : 'Every duration is as it was.'
}

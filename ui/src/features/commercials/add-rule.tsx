import type { CommercialRule } from '~/api/types'
import { Button } from '~/ui/button'
import { Menu } from '~/ui/menu'
import { KINDS, KIND_HELP, KIND_NAMES, type KindName } from './model/words'

/** The kind comes first: it says which figures the rule has. */
export function AddRule({ rules, onPick }: { rules: readonly CommercialRule[]; onPick: (kind: KindName) => void }) {
  const decided = rules.some((rule) => rule.set.active !== false && (rule.set.kind?.type === 'target-total' || rule.set.kind?.type === 'round-total'))
  return (
    <Menu
      trigger={<Button icon="plus" look="primary" data-add-rule="">Add rule</Button>}
      items={KINDS.map((kind) => ({
        label: <span className="grid py-1"><span>{KIND_NAMES[kind]}</span><span className="text-xs text-ink3">{KIND_HELP[kind]}</span></span>,
        // Only one rule may decide the total (BR-088).
        disabled: decided && (kind === 'target-total' || kind === 'round-total'), onSelect: () => onPick(kind),
      }))}
    />
  )
}

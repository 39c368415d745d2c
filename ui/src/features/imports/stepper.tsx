import { cx } from '~/ui/cx'
import { Icon } from '~/ui/icons'
import { STEPS, STEP_NAMES, type Step, type Wizard, canGo } from './model/wizard'

/** Where the import is; a step whose questions before it are answered can be gone to. */
export function Stepper({ state, onStep }: { state: Wizard; onStep: (step: Step) => void }) {
  const at = STEPS.indexOf(state.step)
  return (
    <nav aria-label="Steps of the import" className="border-b border-line bg-pane px-4 py-2">
      <ol className="flex items-center gap-2">
        {STEPS.map((step, index) => (
          <li key={step} className="flex items-center gap-2">
            {index > 0 && <span aria-hidden="true" className="h-px w-5 bg-line" />}
            <button
              type="button" aria-current={step === state.step ? 'step' : undefined} disabled={!canGo(state, step)} onClick={() => onStep(step)}
              className={cx('inline-flex h-7 items-center gap-2 rounded-full pr-2.5 pl-1 disabled:cursor-default', step === state.step ? 'bg-acc2 font-medium text-acc' : canGo(state, step) ? 'text-ink2 hover:bg-line2 hover:text-ink' : 'text-ink3')}
            >
              <span className={cx('grid size-5 place-items-center rounded-full text-2xs', index < at ? 'bg-acc text-acc-ink' : 'border border-current')}>
                {index < at ? <Icon name="check" size={11} /> : index + 1}
              </span>
              {STEP_NAMES[step]}
            </button>
          </li>
        ))}
        {state.file && <li className="ml-auto flex min-w-0 items-center gap-1.5 text-xs text-ink2"><Icon name="file" size={13} /><span className="truncate">{state.file.fileName}</span></li>}
      </ol>
    </nav>
  )
}

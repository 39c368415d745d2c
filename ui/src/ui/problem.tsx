import { isProblem } from '~/api/client'
import { Button } from './button'
import { EmptyState } from './bits'

/** The one sentence a person needs about any failure. */
export function problemText(error: unknown): string {
  if (isProblem(error)) return error.message
  return error instanceof Error ? error.message : 'Something went wrong.'
}

/** The rules a refusal names, each once: "BR-020". */
export function rulesOf(error: unknown): string[] {
  return isProblem(error) ? [...new Set(error.violations.map((violation) => violation.rule).filter(Boolean))] : []
}

/** A failed read in place of the content, with a way to try again. */
export function ProblemPanel({ error, retry }: { error: unknown; retry?: () => void }) {
  const missing = isProblem(error) && error.status === 404
  return (
    <div role="alert">
      <EmptyState
        icon={missing ? 'search' : 'warning'}
        title={missing ? 'Not found' : isProblem(error) && error.offline ? 'No connection' : 'This could not be loaded'}
        actions={retry && <Button onClick={retry}>Try again</Button>}
      >
        {problemText(error)}
      </EmptyState>
    </div>
  )
}

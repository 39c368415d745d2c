import type { UseFormSetError } from 'react-hook-form'
import { isProblem } from '~/api/client'
import { problemText } from '~/ui/problem'
import { type TenderValues, formField } from './values'

/** Shows a refusal at the fields it names; returns what belongs to none of them. */
export function showRefusal(error: unknown, setError: UseFormSetError<TenderValues>): string | null {
  if (!isProblem(error)) return problemText(error)
  const rest: string[] = []
  for (const violation of error.violations) {
    const field = violation.field ? formField(violation.field) : violation.rule === 'BR-001' ? 'number' : null
    if (field) setError(field, { message: violation.message }, { shouldFocus: true })
    else rest.push(violation.message)
  }
  return error.violations.length ? rest.join(' ') || null : problemText(error)
}

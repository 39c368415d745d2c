import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, isProblem } from '~/api/client'
import type { RecipePreview } from '~/api/types'
import { problemText } from '~/ui/problem'
import { type Draft, draftNeeds, inputOf, lineOfRefusal, sampleParams } from './model/draft'

const DELAY_MS = 250

export interface Sample { quantity: string; params: Record<string, string> }
export interface Preview {
  data: RecipePreview | undefined
  /** A newer draft is being worked out. */
  busy: boolean
  /** Why it cannot be worked out; about one line when `line` is set (from 0). */
  refusal: { message: string; line: number | null; field: string | null } | null
}

/** The draft worked out by the server a moment after the last key. */
export function usePreview(recipeId: string | null, draft: Draft, sample: Sample): Preview {
  const body = JSON.stringify({ ...(recipeId ? { recipeId } : {}), recipe: inputOf(draft), quantity: sample.quantity.trim() || '1', params: sampleParams(draft.params, sample.params) })
  const [settled, setSettled] = useState(body)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(body), DELAY_MS)
    return () => clearTimeout(timer)
  }, [body])
  const ready = draftNeeds(draft).length === 0
  const { data, error, isFetching } = useQuery({
    queryKey: ['recipe-preview', settled], enabled: ready, staleTime: 30_000, gcTime: 60_000, retry: false, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.post<RecipePreview>('/recipes/preview', JSON.parse(settled) as unknown, { signal, idempotencyKey: null }),
  })
  let refusal: Preview['refusal'] = null
  if (ready && error) {
    const message = problemText(error)
    const at = lineOfRefusal(message)
    const field = isProblem(error) ? (error.violations[0]?.field ?? null) : null
    refusal = at ? { message: at.message, line: at.line, field } : { message, line: null, field }
  } else if (ready && data?.error) {
    refusal = { message: data.error.message, line: null, field: data.error.field ?? null }
  }
  return { data: ready && !error ? data : undefined, busy: isFetching || settled !== body, refusal }
}

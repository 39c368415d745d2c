import { useParams, useSearch } from '@tanstack/react-router'
import { CompareScreen } from '~/features/submission/compare-screen'

export default function CompareRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/compare' })
  const { with: other, withAt, at } = useSearch({ from: '/shell/estimates/$estimateId/compare' })
  return <CompareScreen estimateId={estimateId} other={other} withAt={withAt} at={at} />
}

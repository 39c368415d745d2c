import { useParams, useSearch } from '@tanstack/react-router'
import { EstimateScreen } from '~/features/estimate/estimate-screen'

export default function EstimateRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId' })
  const { node, tab, at } = useSearch({ from: '/shell/estimates/$estimateId' })
  return <EstimateScreen estimateId={estimateId} node={node} tab={tab} at={at} />
}

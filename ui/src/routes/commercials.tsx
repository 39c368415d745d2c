import { useParams, useSearch } from '@tanstack/react-router'
import { CommercialsScreen } from '~/features/commercials/commercials-screen'

export default function CommercialsRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/commercials' })
  const { view } = useSearch({ from: '/shell/estimates/$estimateId/commercials' })
  return <CommercialsScreen key={estimateId} estimateId={estimateId} view={view ?? 'rules'} />
}

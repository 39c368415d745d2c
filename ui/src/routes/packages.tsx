import { useParams } from '@tanstack/react-router'
import { PackagesScreen } from '~/features/packages/packages-screen'

export default function PackagesRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/packages' })
  return <PackagesScreen key={estimateId} estimateId={estimateId} />
}

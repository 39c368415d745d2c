import { useParams, useSearch } from '@tanstack/react-router'
import { PackageScreen } from '~/features/packages/package-screen'

export default function PackageRoute() {
  const { estimateId, packageId } = useParams({ from: '/shell/estimates/$estimateId/packages/$packageId' })
  const { round } = useSearch({ from: '/shell/estimates/$estimateId/packages/$packageId' })
  return <PackageScreen key={packageId} estimateId={estimateId} packageId={packageId} round={round} />
}

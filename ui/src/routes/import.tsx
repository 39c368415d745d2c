import { useParams } from '@tanstack/react-router'
import { ImportScreen } from '~/features/imports/import-screen'

export default function ImportRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/import' })
  return <ImportScreen key={estimateId} estimateId={estimateId} />
}

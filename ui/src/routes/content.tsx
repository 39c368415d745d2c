import { useParams } from '@tanstack/react-router'
import { ContentScreen } from '~/features/content/content-screen'

export default function ContentRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/content' })
  return <ContentScreen key={estimateId} estimateId={estimateId} />
}

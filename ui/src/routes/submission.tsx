import { useParams } from '@tanstack/react-router'
import { SubmissionScreen } from '~/features/submission/submission-screen'

export default function SubmissionRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/submission' })
  return <SubmissionScreen key={estimateId} estimateId={estimateId} />
}

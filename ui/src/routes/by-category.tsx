import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { CategoryReportScreen } from '~/features/categories/report-screen'

export default function ByCategoryRoute() {
  const { estimateId } = useParams({ from: '/shell/estimates/$estimateId/categories' })
  const { by } = useSearch({ from: '/shell/estimates/$estimateId/categories' })
  const navigate = useNavigate()
  return (
    <CategoryReportScreen
      key={estimateId} estimateId={estimateId} by={by}
      onBy={(next) => void navigate({ to: '/estimates/$estimateId/categories', params: { estimateId }, search: { by: next }, replace: true })}
    />
  )
}

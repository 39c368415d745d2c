import { useParams } from '@tanstack/react-router'
import { TenderScreen } from '~/features/tenders/tender-screen'

export default function TenderRoute() {
  const { tenderId } = useParams({ from: '/shell/tenders/$tenderId' })
  return <TenderScreen key={tenderId} tenderId={tenderId} />
}

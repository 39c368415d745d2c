import { KindsScreen } from '~/features/content/kinds-screen'

export default function OfferTextsRoute() {
  return <KindsScreen />
}

import { BrandingScreen } from '~/features/branding/branding-screen'

export default function BrandingRoute() {
  return <BrandingScreen />
}

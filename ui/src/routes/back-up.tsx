import { BackUpScreen } from '~/features/back-up/back-up-screen'

export default function BackUpRoute() {
  return <BackUpScreen />
}

import { RulesScreen } from '~/features/rules/rules-screen'

export default function RulesRoute() {
  return <RulesScreen />
}
